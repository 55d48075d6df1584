/** What a search found, page by page as its links lead. */
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import type { Bundle } from '@medplum/fhirtypes';
import { LiveRegion } from '@dr-assistant/ui/layout';
import { useText } from '../words.ts';

interface Props {
  readonly bundle: Bundle;
  readonly onPage: (url: string) => void;
}

const RELATIONS = ['first', 'previous', 'next'] as const;

export function BundlePages({ bundle, onPage }: Props) {
  const t = useText();
  const matches = bundle.entry?.filter((e) => (e.search?.mode ?? 'match') === 'match').length ?? 0;
  const { total } = bundle;
  return (
    <Box component="nav" aria-label={t('pages.label')} sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
      {RELATIONS.map((relation) => {
        const url = bundle.link?.find((link) => link.relation === relation)?.url;
        return (
          <Button key={relation} disabled={url === undefined} onClick={() => onPage(url ?? '')}>
            {t(`pages.${relation}`)}
          </Button>
        );
      })}
      <LiveRegion>
        <Typography variant="body2" color="text.secondary">
          {total === undefined
            ? t('pages.shown', { count: matches })
            : t('pages.shown-of', { count: matches, total })}
        </Typography>
      </LiveRegion>
    </Box>
  );
}
