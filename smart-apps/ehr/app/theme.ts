/** A calm, light look with contrasts of WCAG AA. */
import { createTheme } from '@mui/material/styles';

export const theme = createTheme({
  palette: {
    primary: { main: '#0b6b74' },
    secondary: { main: '#8a5a00' },
    background: { default: '#eef3f4', paper: '#ffffff' },
    text: { primary: '#17303a', secondary: '#4a646d' },
  },
  shape: { borderRadius: 10 },
  typography: {
    fontFamily: 'system-ui, sans-serif',
    h1: { fontSize: '1.5rem', fontWeight: 650 },
    h2: { fontSize: '1.15rem', fontWeight: 650 },
    h3: { fontSize: '1rem', fontWeight: 650 },
    button: { textTransform: 'none', fontWeight: 600 },
  },
});
