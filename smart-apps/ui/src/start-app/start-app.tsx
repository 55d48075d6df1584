/** Starts an app: its words, its session, its store, and the page around its first component. */
import { StrictMode, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { I18nextProvider } from 'react-i18next';
import { Provider } from 'react-redux';
import { combineReducers, configureStore, type Middleware, type Reducer } from '@reduxjs/toolkit';
import type { i18n as I18n } from 'i18next';
import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import CssBaseline from '@mui/material/CssBaseline';
import { ThemeProvider } from '@mui/material/styles';
import { createI18n, type AppCatalogs } from '../i18n/index.ts';
import { AppName } from '../layout/app-name.ts';
import { keepApp } from '../offline/index.ts';
import {
  logInAgain,
  openSession,
  type PatientSession,
  type Session,
  type SmartApp,
} from '../session/index.ts';
import { theme } from '../theme/index.ts';

/** What `createApi` of RTK Query gives. */
interface ServerApi {
  readonly reducerPath: string;
  readonly reducer: Reducer;
  readonly middleware: Middleware;
}

interface AppOptions<S> extends SmartApp {
  /** Ends the title of each page. */
  readonly name: string;
  readonly catalogs: AppCatalogs;
  readonly apis: readonly ServerApi[];
  readonly view: (session: S) => ReactNode;
  /** Where an app that can be installed lies: `/apps/scribe/`. */
  readonly installedAt?: string;
}

function storeOf(apis: readonly ServerApi[]) {
  return configureStore({
    reducer: combineReducers(Object.fromEntries(apis.map((api) => [api.reducerPath, api.reducer]))),
    // Endpoints are pieces of work, which the middleware would have as plain data.
    middleware: (defaults) =>
      defaults({ serializableCheck: false, immutableCheck: false }).concat(apis.map((api) => api.middleware)),
  });
}

function show(i18n: I18n, page: ReactNode): void {
  const place = document.getElementById('root');
  if (place === null) throw new Error('The page has no element with the id "root".');
  createRoot(place).render(
    <StrictMode>
      <I18nextProvider i18n={i18n}>
        <ThemeProvider theme={theme}>
          <CssBaseline />
          {page}
        </ThemeProvider>
      </I18nextProvider>
    </StrictMode>,
  );
}

async function start<S extends Session>(
  options: AppOptions<S>,
  check: (session: Session, i18n: I18n) => S,
): Promise<void> {
  if (options.installedAt !== undefined) await keepApp(options.installedAt);
  const i18n = await createI18n(options.catalogs, navigator.languages);
  document.documentElement.lang = i18n.language;
  try {
    const session = check(await openSession(options), i18n);
    show(
      i18n,
      <Provider store={storeOf(options.apis)}>
        <AppName.Provider value={options.name}>{options.view(session)}</AppName.Provider>
      </Provider>,
    );
  } catch (error) {
    const t = i18n.getFixedT(null, 'ui');
    show(
      i18n,
      <Alert
        component="main"
        severity="error"
        action={<Button onClick={logInAgain}>{t('fault.again')}</Button>}
      >
        {error instanceof Error && error.message !== '' ? error.message : t('fault.start')}
      </Alert>,
    );
  }
}

/** For an app of a user: the console, the EHR. Completes when the page is shown. */
export const startApp = (options: AppOptions<Session>): Promise<void> => start(options, (session) => session);

/** For an app of one patient: a launch without a patient ends in a page that says so. */
export const startPatientApp = (options: AppOptions<PatientSession>): Promise<void> =>
  start(options, (session, i18n) => {
    const { patientId } = session;
    if (patientId === undefined) throw new Error(i18n.getFixedT(null, 'ui')('session.no-patient'));
    return { ...session, patientId };
  });
