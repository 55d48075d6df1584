/** The scribe's pages: the day's list, and those of one patient below the patient's banner; each is loaded when first gone to. */
import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react';
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import Typography from '@mui/material/Typography';
import { AppFrame, ErrorBoundary, goTo } from '@dr-assistant/ui/layout';
import type { PatientSession, Session } from '@dr-assistant/ui/session';
import { usePatientQuery } from './api/scribe-api.ts';
import { KeptRecordings } from './components/KeptRecordings.tsx';
import { LogOut } from './components/LogOut.tsx';
import { PatientBanner } from './components/PatientBanner.tsx';
import { ScribeFault } from './components/ScribeFault.tsx';
import { Uploads } from './recording/uploads.ts';
import { UploadsContext } from './recording/use-uploads.ts';
import { pathTo, useRoute } from './routes.ts';
import { useText } from './words.ts';

const DayPage = lazy(() => import('./pages/DayPage.tsx'));
const ChartPage = lazy(() => import('./pages/ChartPage.tsx'));
const NewVisitPage = lazy(() => import('./pages/NewVisitPage.tsx'));
const VisitPage = lazy(() => import('./pages/VisitPage.tsx'));

const ID = /^[A-Za-z0-9\-.]{1,64}$/;

export function App({ session }: { session: Session }) {
  const [uploads] = useState(() => new Uploads(session.fhirUser));
  useEffect(() => uploads.start(), [uploads]);
  return (
    <UploadsContext value={uploads}>
      <Routed session={session} />
    </UploadsContext>
  );
}

function Routed({ session }: { session: Session }) {
  const t = useText();
  const route = useRoute();
  const asked = route.page === 'home' ? undefined : route.params.patientId;
  // An EHR's launch is for one patient: an address of another one leads to his chart all the same.
  const patientId = session.patientId ?? asked;
  if (patientId === undefined)
    return (
      <AppFrame
        header={
          <>
            <Typography component="p" variant="h1">
              {t('app.name')}
            </Typography>
            <LogOut session={session} />
          </>
        }
        isSticky
      >
        <KeptRecordings patientId={undefined} />
        <Page>
          <DayPage session={session} asked={route.query.get('day')} />
        </Page>
      </AppFrame>
    );
  const isOther = asked !== undefined && asked !== patientId;
  const encounter = route.query.get('encounter');
  const encounterId = encounter !== null && ID.test(encounter) ? encounter : session.encounterId;
  const own: PatientSession = {
    ...session,
    patientId,
    ...(encounterId === undefined ? {} : { encounterId }),
  };
  return (
    <PatientPages
      key={patientId}
      session={own}
      route={isOther ? undefined : route}
      hasList={session.patientId === undefined}
    />
  );
}

interface Props {
  readonly session: PatientSession;
  /** Undefined: the chart. */
  readonly route: ReturnType<typeof useRoute> | undefined;
  /** Whether there is a day's list to go back to. */
  readonly hasList: boolean;
}

function PatientPages({ session, route, hasList }: Props) {
  const t = useText();
  const { patientId, encounterId } = session;
  const { data: patient, error } = usePatientQuery(patientId);
  const query = encounterId === undefined ? {} : { encounter: encounterId };
  const isChart = route === undefined || route.page === 'home' || route.page === 'chart';
  return (
    <AppFrame
      header={
        <>
          <PatientBanner patient={patient} />
          <LogOut session={session} />
        </>
      }
      isSticky
    >
      {hasList && <BackButton text={t('app.day')} to={pathTo('home', {})} />}
      {!isChart && <BackButton text={t('app.chart')} to={pathTo('chart', { patientId }, query)} />}
      <ScribeFault fault={error} />
      <KeptRecordings patientId={patientId} />
      <Page>
        {isChart && <ChartPage session={session} />}
        {route?.page === 'new' && <NewVisitPage session={session} />}
        {route?.page === 'visit' && (
          <VisitPage key={route.params.mediaId} session={session} mediaId={route.params.mediaId} />
        )}
      </Page>
    </AppFrame>
  );
}

function BackButton({ text, to }: { text: string; to: string }) {
  return (
    <Button onClick={() => goTo(to)} sx={{ mb: 1 }}>
      <span aria-hidden="true">‹&nbsp;</span>
      {text}
    </Button>
  );
}

function Page({ children }: { children: ReactNode }) {
  const t = useText();
  return (
    <ErrorBoundary hint={t('app.kept')}>
      <Suspense fallback={<LinearProgress aria-label={t('app.loading')} />}>{children}</Suspense>
    </ErrorBoundary>
  );
}
