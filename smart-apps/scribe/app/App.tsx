/** The scribe's pages below the patient banner. */
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Container from '@mui/material/Container';
import { usePatientQuery } from './api/scribe-api.ts';
import type { Session } from './api/session.ts';
import { ErrorBoundary } from './components/ErrorBoundary.tsx';
import { FaultAlert } from './components/FaultAlert.tsx';
import { PatientBanner } from './components/PatientBanner.tsx';
import { goTo, useRoute } from './hooks/use-route.ts';
import { NewVisitPage } from './pages/NewVisitPage.tsx';
import { VisitPage } from './pages/VisitPage.tsx';
import { VisitsPage } from './pages/VisitsPage.tsx';

export function App({ session }: { session: Session }) {
  const route = useRoute();
  const { data: patient, error } = usePatientQuery(session.patientId);
  return (
    <Box sx={{ minHeight: '100vh', bgcolor: 'background.default' }}>
      <PatientBanner patient={patient} />
      <Container component="main" maxWidth="xl" sx={{ py: 2 }}>
        {route.page !== 'visits' && (
          <Button onClick={() => goTo('#/')} sx={{ mb: 1 }}>
            ‹ All visits
          </Button>
        )}
        <FaultAlert fault={error} />
        <ErrorBoundary>
          {route.page === 'visits' && <VisitsPage session={session} />}
          {route.page === 'new' && <NewVisitPage session={session} />}
          {route.page === 'visit' && (
            <VisitPage key={route.mediaId} session={session} mediaId={route.mediaId} />
          )}
        </ErrorBoundary>
      </Container>
    </Box>
  );
}
