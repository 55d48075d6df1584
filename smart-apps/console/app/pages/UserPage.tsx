/** One account: what it may do, whether it is disabled, its password, second factors and sessions. */
import { useState } from 'react';
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import FormControlLabel from '@mui/material/FormControlLabel';
import Link from '@mui/material/Link';
import Switch from '@mui/material/Switch';
import { FaultAlert, PageHeading } from '@dr-assistant/ui/layout';
import type { User } from '../api/admin-documents.ts';
import { useDocument, useSendMutation } from '../api/console-api.ts';
import { ConfirmedAction } from '../components/ConfirmedAction.tsx';
import { Loading } from '../components/Loading.tsx';
import { Panel } from '../components/Panel.tsx';
import { RightsFields, rightsDocument, type Rights } from '../components/RightsFields.tsx';
import { SecretOnce } from '../components/SecretOnce.tsx';
import { pathTo } from '../routes.ts';
import { useText } from '../words.ts';

export default function UserPage({ id }: { id: string }) {
  const t = useText();
  const { data: user, etag = '', ...loading } = useDocument<User>(`/admin/users/${id}`);
  return (
    <>
      <Link href={pathTo('users', {})} sx={{ justifySelf: 'start' }}>
        {t('users.all')}
      </Link>
      <PageHeading
        title={user === undefined ? t('users.user') : t('users.named', { username: user.username })}
      />
      <Loading of={loading} />
      {user !== undefined && (
        <>
          <UserForm key={etag} user={user} etag={etag} />
          <Links user={user} />
        </>
      )}
      <Actions id={id} />
    </>
  );
}

function UserForm({ user, etag }: { user: User; etag: string }) {
  const t = useText();
  const { role = '', fhirUser = '', organization = '', clearance } = user;
  const [rights, setRights] = useState<Rights>({ role, fhirUser, organization, clearance });
  const [disabled, setDisabled] = useState(user.disabled);
  const [send, { error, isLoading }] = useSendMutation();
  return (
    <Panel title={t('users.rights')}>
      <RightsFields value={rights} fault={error} onChange={setRights} />
      <FormControlLabel
        label={t('users.disable')}
        control={<Switch checked={disabled} onChange={({ target }) => setDisabled(target.checked)} />}
      />
      <FaultAlert fault={error} words={{ 412: t('editor.overtaken-document') }} />
      <Button
        variant="contained"
        disabled={isLoading}
        onClick={() =>
          void send({
            url: `/admin/users/${user.id}`,
            method: 'PUT',
            resource: { ...rightsDocument(rights), disabled },
            headers: { 'If-Match': etag },
          })
        }
      >
        {t('editor.save')}
      </Button>
    </Panel>
  );
}

function Links({ user: { fhirUser = '', id } }: { user: User }) {
  const t = useText();
  const [type = '', of = ''] = fhirUser.split('/');
  return (
    <Box sx={{ display: 'flex', gap: 2 }}>
      {of !== '' && <Link href={pathTo('resource', { type, id: of })}>{fhirUser}</Link>}
      <Link href={pathTo('grants', {}, { user: id })}>{t('users.grants')}</Link>
      <Link href={pathTo('access', {}, { user: id })}>{t('users.access')}</Link>
    </Box>
  );
}

const DEEDS = ['temporary-password', 'reset-second-factor', 'end-sessions'] as const;

function Actions({ id }: { id: string }) {
  const t = useText();
  const [password, setPassword] = useState<string>();
  const [done, setDone] = useState<string>();
  const [send, { error, isLoading }] = useSendMutation();
  const act = async (deed: (typeof DEEDS)[number]): Promise<void> => {
    setDone(undefined);
    const answer = await send({ url: `/admin/users/${id}/${deed}`, method: 'POST' });
    if (answer.error !== undefined) return;
    const secret = (answer.data.body as User | undefined)?.temporaryPassword;
    setPassword(secret);
    if (secret === undefined) setDone(t(`users.${deed as 'end-sessions'}-done`));
  };
  return (
    <Panel title={t('users.log-in')}>
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>
        {DEEDS.map((deed) => (
          <ConfirmedAction
            key={deed}
            label={t(`users.${deed}`)}
            text={t(`users.${deed}-text`)}
            disabled={isLoading}
            onConfirm={() => void act(deed)}
          />
        ))}
      </Box>
      <FaultAlert fault={error} />
      <div role="status">
        <SecretOnce label={t('users.new-password')} secret={password} />
        {done !== undefined && <Alert severity="success">{done}</Alert>}
      </div>
    </Panel>
  );
}
