/** Accounts by name, and a form for a new one. */
import { useState } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import Link from '@mui/material/Link';
import TextField from '@mui/material/TextField';
import { FaultAlert, PageHeading } from '@dr-assistant/ui/layout';
import type { User } from '../api/admin-documents.ts';
import { useDocument, useSendMutation } from '../api/console-api.ts';
import { DataTable } from '../components/DataTable.tsx';
import { Loading } from '../components/Loading.tsx';
import { MorePages, PAGE_SIZE } from '../components/MorePages.tsx';
import { Panel } from '../components/Panel.tsx';
import { faultOf, RightsFields, rightsDocument, type Rights } from '../components/RightsFields.tsx';
import { SecretOnce } from '../components/SecretOnce.tsx';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

const NEW: Rights = { role: '', fhirUser: '', organization: '', clearance: [] };

export default function UsersPage() {
  const t = useText();
  const [after, setAfter] = useState('');
  const list = useDocument<{ users: readonly User[] }>(
    `/admin/users?limit=${PAGE_SIZE}&after=${encodeURIComponent(after)}`,
  );
  const users = list.data?.users;
  return (
    <>
      <PageHeading title={t('users.title')} />
      <NewUser />
      <Loading of={list} />
      {users !== undefined && (
        <DataTable
          label={t('users.title')}
          columns={[t('users.username'), t('users.role'), t('users.fhirUser'), t('users.organization'), t('users.state')]} // prettier-ignore
          rows={users.map((user) => ({
            key: user.id,
            cells: [
              <Link key="user" href={pathTo('user', { id: user.id })}>
                {user.username}
              </Link>,
              user.role,
              user.fhirUser,
              user.organization,
              <UserState key="state" user={user} />,
            ],
          }))}
          none={t('users.none')}
        />
      )}
      <MorePages
        after={after}
        last={users?.length === PAGE_SIZE ? users.at(-1)?.username : undefined}
        onPage={setAfter}
      />
    </>
  );
}

function UserState({ user: { disabled, mustChangePassword } }: { user: User }) {
  const t = useText();
  return (
    <Box sx={{ display: 'flex', gap: 1 }}>
      <Chip
        size="small"
        variant="outlined"
        color={disabled ? 'error' : 'default'}
        label={disabled ? t('users.disabled') : t('users.active')}
      />
      {mustChangePassword && <Chip size="small" variant="outlined" label={t('users.temporary')} />}
    </Box>
  );
}

function NewUser() {
  const t = useText();
  const [username, setUsername] = useState('');
  const [rights, setRights] = useState(NEW);
  const [made, setMade] = useState<User>();
  const [send, { error, isLoading }] = useSendMutation();
  const nameFault = faultOf(error, 'username');
  const create = async (): Promise<void> => {
    setMade(undefined);
    const resource = { username, ...rightsDocument(rights) };
    const answer = await send({ url: '/admin/users', method: 'POST', resource });
    if (answer.error !== undefined) return;
    setMade(answer.data.body as User);
    setUsername('');
    setRights(NEW);
  };
  return (
    <Panel title={t('users.new')}>
      <Box
        component="form"
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
        sx={{ display: 'grid', gap: 2, justifyItems: 'start' }}
      >
        <TextField
          label={t('users.username')}
          size="small"
          required
          value={username}
          error={nameFault !== undefined}
          helperText={nameFault}
          onChange={(event) => setUsername(event.target.value)}
          autoComplete="off"
        />
        <RightsFields value={rights} fault={error} onChange={setRights} />
        <Button type="submit" variant="contained" disabled={isLoading}>
          {t('users.create')}
        </Button>
      </Box>
      <FaultAlert fault={error} />
      <div role="status">
        {made !== undefined && (
          <SecretOnce
            label={t('users.password-of', { username: made.username })}
            secret={made.temporaryPassword}
          />
        )}
      </div>
    </Panel>
  );
}
