/** A gallery of apps that the patient may give access to; each begins on its own page and asks for consent. */
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { AppCard, hostOf } from '@dr-assistant/ui/apps';
import { useConnectableAppsQuery, type ConnectableApp } from '../api/apps.ts';
import { useText } from '../words.ts';
import { Loaded } from './Loaded.tsx';
import { Section } from './Section.tsx';

export function AppsToConnect() {
  const t = useText();
  const { data, error, refetch } = useConnectableAppsQuery(undefined);
  return (
    <Section title={t('apps.title')}>
      <Typography>{t('apps.what')}</Typography>
      <Loaded data={data} error={error} onRetry={() => void refetch()}>
        {(apps) =>
          apps.length === 0 ? (
            <Typography color="text.secondary">{t('apps.none')}</Typography>
          ) : (
            <Box
              component="ul"
              aria-label={t('apps.title')}
              sx={{
                listStyle: 'none',
                m: 0,
                mt: 2,
                p: 0,
                display: 'grid',
                gap: 2,
                gridTemplateColumns: 'repeat(auto-fill, minmax(min(17rem, 100%), 1fr))',
              }}
            >
              {apps.map((app) => (
                <li key={app.client_id}>
                  <AppToConnect app={app} />
                </li>
              ))}
            </Box>
          )
        }
      </Loaded>
    </Section>
  );
}

function AppToConnect({ app }: { app: ConnectableApp }) {
  const t = useText();
  const { client_name: name, client_uri: site, scopes } = app;
  return (
    <AppCard app={app} level="h3">
      <Typography variant="body2" sx={{ mt: 1 }}>
        {t('apps.asks')}
      </Typography>
      <Box component="ul" sx={{ pl: 2.5, my: 0.5, typography: 'body2', overflowWrap: 'anywhere' }}>
        {scopes.map(({ scope, words }) => (
          <li key={scope}>{words}</li>
        ))}
      </Box>
      {hostOf(site) !== undefined && (
        <Button variant="outlined" href={site ?? ''} rel="noreferrer" sx={{ mt: 1 }}>
          {t('apps.open', { name })}
        </Button>
      )}
    </AppCard>
  );
}
