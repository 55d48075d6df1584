/** Starts the console: logs in over SMART as somebody who administers. */
import { startApp } from '@dr-assistant/ui/start-app';
import { App } from './App.tsx';
import { consoleApi } from './api/console-api.ts';
import en from './locale/en.json';

const SCOPES = [
  'openid',
  'fhirUser',
  'online_access',
  'user/*.cruds',
  ...['users', 'clients', 'policies', 'grants', 'subscriptions', 'jobs', 'packages'].flatMap((what) => [
    `admin/${what}.read`,
    `admin/${what}.write`,
  ]),
  'admin/access.read',
  'admin/metrics.read',
];

await startApp({
  clientId: 'console',
  scope: SCOPES.join(' '),
  name: 'Console',
  catalogs: { en },
  apis: [consoleApi],
  view: (session) => <App session={session} />,
});
