/** The scribe's pages below the patient banner; each is loaded when it is first gone to. */
import { lazy, Suspense } from 'react';
import Button from '@mui/material/Button';
import LinearProgress from '@mui/material/LinearProgress';
import { AppFrame, ErrorBoundary, goTo } from '@dr-assistant/ui/layout';
import type { PatientSession } from '@dr-assistant/ui/session';
import { usePatientQuery } from './api/scribe-api.ts';
import { PatientBanner } from './components/PatientBanner.tsx';
import { ScribeFault } from './components/ScribeFault.tsx';
import { VisitsPage } from './pages/VisitsPage.tsx';
import { pathTo, useRoute } from './routes.ts';
import { useText } from './words.ts';

const NewVisitPage = lazy(() => import('./pages/NewVisitPage.tsx'));
const VisitPage = lazy(() => import('./pages/VisitPage.tsx'));

export function App({ session }: { session: PatientSession }) {
  const t = useText();
  const route = useRoute();
  const { data: patient, error } = usePatientQuery(session.patientId);
  return (
    <AppFrame header={<PatientBanner patient={patient} />} isSticky>
      {route.page !== 'visits' && (
        <Button onClick={() => goTo(pathTo('visits', {}))} sx={{ mb: 1 }}>
          <span aria-hidden="true">‹&nbsp;</span>
          {t('app.all-visits')}
        </Button>
      )}
      <ScribeFault fault={error} />
      <ErrorBoundary hint={t('app.kept')}>
        <Suspense fallback={<LinearProgress aria-label={t('app.loading')} />}>
          {route.page === 'visits' && <VisitsPage session={session} />}
          {route.page === 'new' && <NewVisitPage session={session} />}
          {route.page === 'visit' && (
            <VisitPage key={route.params.mediaId} session={session} mediaId={route.params.mediaId} />
          )}
        </Suspense>
      </ErrorBoundary>
    </AppFrame>
  );
}
