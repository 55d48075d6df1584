/** What an app's `main.tsx` calls. */
export { startApp, startPatientApp } from './start-app.tsx';
