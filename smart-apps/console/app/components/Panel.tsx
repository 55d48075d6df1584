/** A part of a page, with a heading of its own where it has one. */
import { useId, type ReactNode } from 'react';
import Paper from '@mui/material/Paper';
import Typography from '@mui/material/Typography';

export function Panel({ title, children }: { title?: string; children: ReactNode }) {
  const id = useId();
  return (
    <Paper
      variant="outlined"
      component="section"
      {...(title === undefined ? {} : { 'aria-labelledby': id })}
      sx={{
        p: 2,
        display: 'grid',
        gap: 2,
        gridTemplateColumns: 'minmax(0, 1fr)',
        justifyItems: 'start',
        alignContent: 'start',
      }}
    >
      {title !== undefined && (
        <Typography variant="h2" id={id}>
          {title}
        </Typography>
      )}
      {children}
    </Paper>
  );
}
