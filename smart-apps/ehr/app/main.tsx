/** Starts the EHR page: logs in over SMART, then shows the patients. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Provider } from 'react-redux';
import { configureStore } from '@reduxjs/toolkit';
import Alert from '@mui/material/Alert';
import CssBaseline from '@mui/material/CssBaseline';
import { ThemeProvider } from '@mui/material/styles';
import FHIR from 'fhirclient';
import { App } from './App.tsx';
import { ehrApi, keepSession } from './ehr-api.ts';
import { theme } from './theme.ts';

const store = configureStore({
  reducer: { [ehrApi.reducerPath]: ehrApi.reducer },
  middleware: (defaults) => defaults().concat(ehrApi.middleware),
});
const root = createRoot(document.getElementById('root')!);

function logInAgain(): void {
  sessionStorage.clear();
  location.assign(location.pathname);
}

try {
  const client = await FHIR.oauth2.init({
    clientId: 'ehr',
    scope: 'openid fhirUser user/*.rs',
    iss: `${location.origin}/fhir/R4`,
    redirectUri: `${location.origin}/apps/ehr/`,
  });
  keepSession(client);
  root.render(
    <StrictMode>
      <Provider store={store}>
        <ThemeProvider theme={theme}>
          <CssBaseline />
          <App onExpired={logInAgain} />
        </ThemeProvider>
      </Provider>
    </StrictMode>,
  );
} catch (error) {
  root.render(
    <Alert severity="error">{error instanceof Error ? error.message : 'The log-in failed.'}</Alert>,
  );
}
