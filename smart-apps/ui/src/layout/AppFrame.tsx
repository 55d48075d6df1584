/** What every page stands in: a link that skips the header, the header, and the main landmark. */
import { useRef, type ReactNode } from 'react';
import AppBar from '@mui/material/AppBar';
import Box from '@mui/material/Box';
import ButtonBase from '@mui/material/ButtonBase';
import { useUiText } from '../i18n/index.ts';

interface Props {
  /** In the bar: the app's name, the patient, the navigation. */
  readonly header: ReactNode;
  /** Whether the header stays in sight. */
  readonly isSticky?: boolean;
  /** CSS length; the widest that the content gets. */
  readonly maxWidth?: string;
  readonly children: ReactNode;
}

export function AppFrame({ header, isSticky = false, maxWidth = '96rem', children }: Props) {
  const t = useUiText();
  const main = useRef<HTMLElement>(null);
  return (
    <Box sx={{ minHeight: '100vh', bgcolor: 'background.default', color: 'text.primary' }}>
      {/* A button, since a link's hash would be taken for a route. */}
      <ButtonBase
        onClick={() => main.current?.focus()}
        sx={{
          position: 'fixed',
          top: 8,
          left: 8,
          zIndex: 'tooltip',
          p: 1,
          borderRadius: 1,
          bgcolor: 'background.paper',
          color: 'primary.main',
          font: 'inherit',
          '&:not(:focus)': { clipPath: 'inset(50%)', width: 1, height: 1, p: 0 },
        }}
      >
        {t('frame.skip')}
      </ButtonBase>
      <AppBar position={isSticky ? 'sticky' : 'static'} elevation={0} component="header">
        <Box sx={{ px: 3, py: 1.5, display: 'flex', gap: 2, alignItems: 'baseline', flexWrap: 'wrap' }}>
          {header}
        </Box>
      </AppBar>
      <Box component="main" ref={main} tabIndex={-1} sx={{ p: 2, maxWidth, mx: 'auto', outline: 'none' }}>
        {children}
      </Box>
    </Box>
  );
}
