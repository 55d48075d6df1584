/** A part of the chart: its heading, its lines, and a word when it has none or more than is shown. */
import type { ReactNode } from 'react';
import Box from '@mui/material/Box';
import Paper from '@mui/material/Paper';
import Typography from '@mui/material/Typography';
import { useText } from '../words.ts';

interface Props {
  readonly title: string;
  readonly none: string;
  readonly isCut?: boolean;
  /** List items. */
  readonly children: readonly ReactNode[];
}

export function ChartCard({ title, none, isCut = false, children }: Props) {
  const t = useText();
  return (
    <Paper component="section" aria-label={title} variant="outlined" sx={{ p: 2 }}>
      <Typography variant="h2" gutterBottom>
        {title}
      </Typography>
      {children.length === 0 ? (
        <Typography color="text.secondary">{none}</Typography>
      ) : (
        <Box component="ul" sx={{ listStyle: 'none', p: 0, m: 0 }}>
          {children}
        </Box>
      )}
      {isCut && (
        <Typography variant="body2" color="text.secondary" sx={{ mt: 1 }}>
          {t('chart.cut')}
        </Typography>
      )}
    </Paper>
  );
}

export function ChartLine({ main, more }: { main: ReactNode; more?: ReactNode }) {
  return (
    <Box component="li" sx={{ py: 0.5 }}>
      <Typography>{main}</Typography>
      {more && (
        <Typography variant="body2" color="text.secondary">
          {more}
        </Typography>
      )}
    </Box>
  );
}
