/** One calm look for all apps, light or dark as the system prefers, with contrasts of WCAG 2.2 AA. */
import { createTheme } from '@mui/material/styles';

declare module '@mui/material/styles' {
  interface Palette {
    /** What is marked in a text: its ground, and the ground under the pointer. */
    readonly mark: { readonly main: string; readonly hover: string };
  }
  interface PaletteOptions {
    readonly mark?: { readonly main: string; readonly hover: string };
  }
}

const light = {
  primary: { main: '#0b6b74' },
  secondary: { main: '#8a5a00' },
  warning: { main: '#8a3b00' },
  error: { main: '#b3261e' },
  background: { default: '#eef3f4', paper: '#ffffff' },
  text: { primary: '#17303a', secondary: '#4a646d' },
  mark: { main: '#fff3d6', hover: '#e3eef0' },
};

const dark = {
  // The darker one is the ground of a button under the pointer.
  primary: { main: '#6fc9d2', dark: '#8edae2', contrastText: '#06262a' },
  secondary: { main: '#e6b866' },
  warning: { main: '#ffb27a' },
  error: { main: '#ff9a91', contrastText: '#3a0905' },
  background: { default: '#10191c', paper: '#18252a' },
  text: { primary: '#e6eff1', secondary: '#a9bfc6' },
  mark: { main: '#4a3b12', hover: '#22353b' },
};

export const theme = createTheme({
  cssVariables: { colorSchemeSelector: 'media' },
  colorSchemes: { light: { palette: light }, dark: { palette: dark } },
  shape: { borderRadius: 10 },
  typography: {
    fontFamily: 'system-ui, sans-serif',
    h1: { fontSize: '1.5rem', fontWeight: 650 },
    h2: { fontSize: '1.15rem', fontWeight: 650 },
    h3: { fontSize: '1rem', fontWeight: 650 },
    button: { textTransform: 'none', fontWeight: 600 },
  },
  components: {
    MuiCssBaseline: {
      styleOverrides: {
        ':focus-visible': { outline: '3px solid var(--mui-palette-secondary-main)', outlineOffset: '2px' },
        '@media (prefers-reduced-motion: reduce)': {
          '*, *::before, *::after': {
            animationDuration: '0.01ms !important',
            animationIterationCount: '1 !important',
            // Not a little, but none: colours that are inherited would change level by level.
            transitionDuration: '0s !important',
            scrollBehavior: 'auto !important',
          },
        },
      },
    },
    // The outline shows where the focus is; a ripple is motion for its own sake.
    MuiButtonBase: {
      defaultProps: { disableRipple: true },
      styleOverrides: {
        root: {
          '&.Mui-focusVisible': {
            outline: '3px solid var(--mui-palette-secondary-main)',
            outlineOffset: '2px',
          },
        },
      },
    },
  },
});
