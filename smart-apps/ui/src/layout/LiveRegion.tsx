/** Says what changes on the page to those who do not see it, when they have finished listening. Stays mounted. */
import type { ReactNode } from 'react';
import Box from '@mui/material/Box';

/** A progress that is seen as well stands in it; `isHidden` is for words that are only heard. */
export function LiveRegion({ children, isHidden = false }: { children: ReactNode; isHidden?: boolean }) {
  const hidden = {
    position: 'absolute',
    width: 1,
    height: 1,
    overflow: 'hidden',
    clipPath: 'inset(50%)',
  } as const;
  return (
    <Box role="status" aria-live="polite" sx={isHidden ? hidden : {}}>
      {children}
    </Box>
  );
}
