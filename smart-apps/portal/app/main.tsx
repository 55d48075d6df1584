/** Starts the portal: logs the patient in over SMART, then shows the own record. */
import { startPatientApp } from '@dr-assistant/ui/start-app';
import { App } from './App.tsx';
import { portalApi } from './api/portal-api.ts';
import en from './locale/en.json';
import { CLIENT_ID, SCOPE } from './smart-client.ts';

await startPatientApp({
  clientId: CLIENT_ID,
  scope: SCOPE,
  name: en.app.name,
  catalogs: { en },
  apis: [portalApi],
  installedAt: '/apps/portal/',
  view: (session) => <App session={session} />,
});
