/** Starts the scribe: completes the SMART launch, or begins a standalone one, then shows the patient or the day's list. */
import { startApp } from '@dr-assistant/ui/start-app';
import { App } from './App.tsx';
import { scribeApi } from './api/scribe-api.ts';
import en from './locale/en.json';
import { CLIENT_ID, STANDALONE_SCOPE } from './smart-client.ts';

await startApp({
  clientId: CLIENT_ID,
  scope: STANDALONE_SCOPE,
  name: en.app.name,
  catalogs: { en },
  apis: [scribeApi],
  installedAt: '/apps/scribe/',
  view: (session) => <App session={session} />,
});
