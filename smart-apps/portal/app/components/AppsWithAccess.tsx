/** Which apps have access to the record, since when and to what; each can be sent away. */
import { useState } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Link from '@mui/material/Link';
import Typography from '@mui/material/Typography';
import { formatInstant } from '@dr-assistant/ui/format';
import { useWords } from '@dr-assistant/ui/i18n';
import { ConfirmDialog, FaultAlert, LiveRegion } from '@dr-assistant/ui/layout';
import { useAppsWithAccessQuery, useRevokeMutation, type AppWithAccess } from '../api/apps.ts';
import { CLIENT_ID } from '../smart-client.ts';
import { useText } from '../words.ts';
import { Loaded } from './Loaded.tsx';
import { EntryList, Section } from './Section.tsx';

/** @param accountUrl where there is more about the account */
export function AppsWithAccess({ accountUrl }: { accountUrl: string | undefined }) {
  const t = useText();
  const { data, error, refetch } = useAppsWithAccessQuery(undefined, { refetchOnMountOrArgChange: true });
  const [revoke, revoking] = useRevokeMutation();
  const [left, setLeft] = useState<AppWithAccess>();
  const [done, setDone] = useState('');
  const confirm = async (): Promise<void> => {
    if (left === undefined || revoking.isLoading) return;
    const answer = await revoke(left.client_id);
    if (answer.error !== undefined) return;
    setLeft(undefined);
    setDone(t('privacy.revoked', { name: left.client_name }));
  };
  return (
    <Section title={t('privacy.apps')}>
      <LiveRegion>{done}</LiveRegion>
      <Loaded data={data} error={error} onRetry={() => void refetch()}>
        {(apps) => (
          <EntryList
            label={t('privacy.apps')}
            entries={apps.map((app) => ({
              key: app.client_id,
              view: <OneApp app={app} onRevoke={() => setLeft(app)} />,
            }))}
            none={t('privacy.no-apps')}
          />
        )}
      </Loaded>
      <Typography sx={{ mt: 1 }}>
        {accountUrl === undefined ? (
          t('privacy.no-account')
        ) : (
          <Link href={accountUrl}>{t('privacy.account')}</Link>
        )}
      </Typography>
      <ConfirmDialog
        isOpen={left !== undefined}
        title={t('privacy.revoke-title', { name: left?.client_name ?? '' })}
        confirm={t('privacy.revoke')}
        onConfirm={() => void confirm()}
        onCancel={() => setLeft(undefined)}
      >
        <Typography>{t('privacy.revoke-what')}</Typography>
        <FaultAlert fault={revoking.error} />
      </ConfirmDialog>
    </Section>
  );
}

function OneApp({ app, onRevoke }: { app: AppWithAccess; onRevoke: () => void }) {
  const t = useText();
  const words = useWords();
  const { client_id, client_name: name, since, scopes } = app;
  return (
    <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, justifyContent: 'space-between' }}>
      <Box sx={{ flex: '1 1 14rem', minWidth: 0 }}>
        <Typography sx={{ fontWeight: 600, overflowWrap: 'anywhere' }}>{name}</Typography>
        <Typography variant="body2" color="text.secondary">
          {t('privacy.since', { time: formatInstant(since, words) })}
        </Typography>
        <Box component="ul" sx={{ pl: 2.5, my: 0.5, typography: 'body2', overflowWrap: 'anywhere' }}>
          {scopes.map(({ scope, words: what }) => (
            <li key={scope}>{what}</li>
          ))}
        </Box>
      </Box>
      {client_id === CLIENT_ID ? (
        <Typography variant="body2">{t('privacy.this-app')}</Typography>
      ) : (
        <Button onClick={onRevoke} aria-label={t('privacy.revoke-of', { name })} sx={{ alignSelf: 'start' }}>
          {t('privacy.revoke')}
        </Button>
      )}
    </Box>
  );
}
