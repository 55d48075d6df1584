/** What a user can see: the decision that a request of his would meet, with its reason. */
import { useState } from 'react';
import Alert from '@mui/material/Alert';
import AlertTitle from '@mui/material/AlertTitle';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { FaultAlert, PageHeading } from '@dr-assistant/ui/layout';
import type { AccessAnswer, Rule, User } from '../api/admin-documents.ts';
import { useDocument, useSendMutation } from '../api/console-api.ts';
import { typesOf, useCapabilities } from '../api/use-capabilities.ts';
import { Choice } from '../components/Choice.tsx';
import { DataTable } from '../components/DataTable.tsx';
import { Loading } from '../components/Loading.tsx';
import { Panel } from '../components/Panel.tsx';
import { useRoute } from '../routes.ts';
import { useText } from '../words.ts';

const OF_ONE = ['read', 'vread', 'history-instance', 'update', 'patch', 'delete'] as const;
const INTERACTIONS = [...OF_ONE, 'create', 'search-type', 'history-type'] as const;

export default function AccessPage() {
  const t = useText();
  const asked = useRoute().query.get('user') ?? '';
  const users = useDocument<{ users: readonly User[] }>('/admin/users?limit=500');
  const types = typesOf(useCapabilities().data);
  const [user, setUser] = useState(asked);
  const [scope, setScope] = useState('user/*.cruds');
  const [interaction, setInteraction] = useState<string>('read');
  const [resourceType, setType] = useState('Patient');
  const [id, setId] = useState('');
  const [send, { data, error, isLoading, reset }] = useSendMutation();
  const isOfOne = (OF_ONE as readonly string[]).includes(interaction);
  // An answer stands for its question alone.
  const asking = (change: (value: string) => void) => (value: string) => {
    reset();
    change(value);
  };
  const ask = (): void => {
    const of = isOfOne && id !== '' ? { id } : {};
    const resource = { user, scope, interaction, resourceType, ...of };
    void send({ url: '/admin/access-check', method: 'POST', resource, isQuestion: true });
  };
  return (
    <>
      <PageHeading title={t('access.title')} />
      <Typography color="text.secondary">{t('access.about')}</Typography>
      <Loading of={users} />
      <Panel title={t('access.question')}>
        <Box
          component="form"
          onSubmit={(event) => {
            event.preventDefault();
            ask();
          }}
          sx={{ display: 'flex', flexWrap: 'wrap', gap: 2, alignItems: 'start' }}
        >
          <Choice
            label={t('access.user')}
            value={user}
            options={[
              ['', t('search.choose')],
              ...(users.data?.users ?? []).map((u) => [u.id, t('access.user-of', { username: u.username, role: u.role })] as const), // prettier-ignore
            ]}
            onChange={asking(setUser)}
            width="18rem"
          />
          <TextField
            label={t('access.scope')}
            size="small"
            value={scope}
            onChange={({ target }) => asking(setScope)(target.value)}
            sx={{ width: '18rem' }}
          />
          <Choice
            label={t('access.interaction')}
            value={interaction}
            options={INTERACTIONS.map((word) => [word, t(`interaction.${word}`)] as const)}
            onChange={asking(setInteraction)}
          />
          <Choice
            label={t('access.type')}
            value={resourceType}
            options={(types.length === 0 ? ['Patient'] : types).map((type) => [type, type] as const)}
            onChange={asking(setType)}
          />
          {isOfOne && (
            <TextField
              label={t('access.id')}
              size="small"
              value={id}
              helperText={t('access.id-hint')}
              onChange={({ target }) => asking(setId)(target.value.trim())}
            />
          )}
          <Button type="submit" variant="contained" disabled={user === '' || isLoading}>
            {t('access.ask')}
          </Button>
        </Box>
      </Panel>
      <FaultAlert fault={error} />
      <div role="status">{data !== undefined && <Decision answer={data.body as AccessAnswer} />}</div>
    </>
  );
}

function Decision({ answer: { permitted, reason, scopes, rules, total } }: { answer: AccessAnswer }) {
  const t = useText();
  return (
    <Box sx={{ display: 'grid', gap: 2 }}>
      <Alert severity={permitted ? 'success' : 'warning'}>
        <AlertTitle>{permitted ? t('access.permitted') : t('access.refused')}</AlertTitle>
        {reason}
        {total !== undefined && <div>{t('access.total', { count: total })}</div>}
        {scopes.length > 0 && <div>{t('access.by-scopes', { scopes: scopes.join(' ') })}</div>}
      </Alert>
      {permitted && (
        <DataTable
          label={t('access.rules')}
          columns={[t('access.rule-type'), t('access.rule-interactions'), t('access.rule-limits')]}
          rows={rules.map((rule, i) => ({
            key: String(i),
            cells: [
              rule.resourceType,
              rule.interactions === '*' ? t('access.every') : rule.interactions.join(', '),
              limitsOf(rule) || t('access.no-limit'),
            ],
          }))}
          none={t('access.no-rules')}
        />
      )}
    </Box>
  );
}

const limitsOf = ({ criteria, patients, compartment }: Rule): string =>
  [criteria, ...(patients ?? []), compartment].filter(Boolean).join('; ');
