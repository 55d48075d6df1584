/** Starts the EHR page: logs in over SMART, then shows the patients. */
import { startApp } from '@dr-assistant/ui/start-app';
import { App } from './App.tsx';
import { ehrApi } from './ehr-api.ts';
import en from './locale/en.json';

await startApp({
  clientId: 'ehr',
  scope: 'openid fhirUser user/*.rs',
  name: 'Dr. Assistant',
  catalogs: { en },
  apis: [ehrApi],
  view: () => <App />,
});
