/** Lists of the admin API go on after their last row. */
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useText } from '../words.ts';

export const PAGE_SIZE = 50;

interface Props {
  readonly after: string;
  /** The last row of the page, when there may be more. */
  readonly last: string | undefined;
  readonly onPage: (after: string) => void;
}

export function MorePages({ after, last, onPage }: Props) {
  const t = useText();
  if (after === '' && last === undefined) return null;
  return (
    <Box component="nav" aria-label={t('pages.label')} sx={{ display: 'flex', gap: 1 }}>
      <Button disabled={after === ''} onClick={() => onPage('')}>
        {t('pages.first')}
      </Button>
      <Button disabled={last === undefined} onClick={() => onPage(last ?? '')}>
        {t('pages.next')}
      </Button>
    </Box>
  );
}
