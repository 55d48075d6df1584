/** That there is nothing, and what to do about it. */
import type { ReactNode } from 'react';
import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';

export function EmptyState({ text, children }: { text: string; children?: ReactNode }) {
  return (
    <Box sx={{ p: 3 }}>
      <Typography color="text.secondary">{text}</Typography>
      {children}
    </Box>
  );
}
