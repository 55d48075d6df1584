/** One app of a gallery: logo, name, whose it is, and what can be done with it. */
import { useId, type ReactNode } from 'react';
import Avatar from '@mui/material/Avatar';
import Box from '@mui/material/Box';
import Link from '@mui/material/Link';
import Paper from '@mui/material/Paper';
import Typography from '@mui/material/Typography';
import { useUiText } from '../i18n/index.ts';
import { hostOf, type AppInWords } from './app-in-words.ts';

interface Props {
  readonly app: AppInWords;
  /** Of the heading: one below that of the gallery. */
  readonly level: 'h3' | 'h4';
  readonly children?: ReactNode;
}

export function AppCard({ app, level, children }: Props) {
  const t = useUiText();
  const id = useId();
  const { client_name: name, client_uri: site, policy_uri: policy, logo_uri: logo } = app;
  const host = hostOf(site);
  return (
    <Paper component="article" aria-labelledby={id} variant="outlined" sx={{ p: 2, height: '100%' }}>
      <Box sx={{ display: 'flex', gap: 1.5, alignItems: 'center' }}>
        <Avatar
          variant="rounded"
          {...(logo === undefined ? {} : { src: logo })}
          alt=""
          aria-hidden="true"
          sx={{ bgcolor: 'primary.main', color: 'primary.contrastText' }}
        >
          {name.slice(0, 1)}
        </Avatar>
        <Box sx={{ minWidth: 0 }}>
          <Typography id={id} variant="h3" component={level} sx={{ overflowWrap: 'anywhere' }}>
            {name}
          </Typography>
          {host !== undefined && (
            <Link href={site} target="_blank" rel="noreferrer" variant="body2">
              {t('app.site', { host })}
            </Link>
          )}
        </Box>
      </Box>
      {hostOf(policy) !== undefined && (
        <Typography variant="body2" sx={{ mt: 1 }}>
          <Link href={policy} target="_blank" rel="noreferrer" aria-label={t('app.policy-of', { name })}>
            {t('app.policy')}
          </Link>
        </Typography>
      )}
      {children}
    </Paper>
  );
}
