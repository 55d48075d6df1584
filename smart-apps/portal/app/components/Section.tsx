/** A part of a page with a heading, and a list in it that shows its first entries until all are asked for. */
import { useId, useState, type ReactNode } from 'react';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Paper from '@mui/material/Paper';
import Typography from '@mui/material/Typography';
import { useText } from '../words.ts';

export function Section({
  title,
  aside,
  children,
}: {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <Paper component="section" aria-labelledby={id} variant="outlined" sx={{ p: { xs: 2, sm: 3 }, mt: 2 }}>
      <Box sx={{ display: 'flex', justifyContent: 'space-between', gap: 2, flexWrap: 'wrap', mb: 1 }}>
        <Typography variant="h2" id={id} tabIndex={-1} sx={{ scrollMarginTop: '1rem' }}>
          {title}
        </Typography>
        {aside}
      </Box>
      {children}
    </Paper>
  );
}

const FIRST = 8;

interface EntryListProps {
  readonly label: string;
  readonly entries: readonly { readonly key: string; readonly view: ReactNode }[];
  /** What is said when there are none. */
  readonly none: string;
  /** Whether all are shown at once. */
  readonly isWhole?: boolean;
}

export function EntryList({ label, entries, none, isWhole = false }: EntryListProps) {
  const t = useText();
  const [isAll, setAll] = useState(false);
  if (entries.length === 0) return <Typography color="text.secondary">{none}</Typography>;
  const shown = isAll || isWhole ? entries : entries.slice(0, FIRST);
  return (
    <>
      <Box component="ul" aria-label={label} sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {shown.map(({ key, view }) => (
          <Box
            component="li"
            key={key}
            sx={{ py: 1, borderTop: 1, borderColor: 'divider', '&:first-of-type': { borderTop: 0 } }}
          >
            {view}
          </Box>
        ))}
      </Box>
      {shown.length < entries.length && (
        <Button onClick={() => setAll(true)}>{t('list.all', { count: entries.length })}</Button>
      )}
    </>
  );
}

/** One entry: what it is, and what belongs to it in smaller letters. */
export function Entry({ what, details }: { what: ReactNode; details: readonly ReactNode[] }) {
  const shown = details.filter((d) => d !== undefined && d !== '' && d !== null && d !== false);
  return (
    <>
      <Typography component="div" sx={{ fontWeight: 600, overflowWrap: 'anywhere' }}>
        {what}
      </Typography>
      {shown.map((detail, i) => (
        <Typography
          component="div"
          variant="body2"
          color="text.secondary"
          key={i}
          sx={{ overflowWrap: 'anywhere' }}
        >
          {detail}
        </Typography>
      ))}
    </>
  );
}
