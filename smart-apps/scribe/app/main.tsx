/** Starts the scribe: completes the SMART launch, or begins a standalone one, then shows the patient's visits. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Provider } from 'react-redux';
import { configureStore } from '@reduxjs/toolkit';
import Alert from '@mui/material/Alert';
import CssBaseline from '@mui/material/CssBaseline';
import { ThemeProvider } from '@mui/material/styles';
import FHIR from 'fhirclient';
import { App } from './App.tsx';
import { scribeApi } from './api/scribe-api.ts';
import { openSession } from './api/session.ts';
import { CLIENT_ID, STANDALONE_SCOPE } from './smart-client.ts';
import { theme } from './theme.ts';

const store = configureStore({
  reducer: { [scribeApi.reducerPath]: scribeApi.reducer },
  // Endpoints are pieces of work, which the middleware would have as plain data.
  middleware: (defaults) => defaults({ serializableCheck: false }).concat(scribeApi.middleware),
});
const root = createRoot(document.getElementById('root')!);

try {
  const client = await FHIR.oauth2.init({
    clientId: CLIENT_ID,
    scope: STANDALONE_SCOPE,
    iss: `${location.origin}/fhir/R4`,
    redirectUri: `${location.origin}/apps/scribe/`,
  });
  const session = openSession(client);
  root.render(
    <StrictMode>
      <Provider store={store}>
        <ThemeProvider theme={theme}>
          <CssBaseline />
          <App session={session} />
        </ThemeProvider>
      </Provider>
    </StrictMode>,
  );
} catch (error) {
  root.render(
    <Alert severity="error">{error instanceof Error ? error.message : 'The launch failed.'}</Alert>,
  );
}
