/** The portal's frame: name, navigation, and the page; each page is loaded when it is first gone to. */
import { lazy, Suspense } from 'react';
import GlobalStyles from '@mui/material/GlobalStyles';
import LinearProgress from '@mui/material/LinearProgress';
import { AppFrame, ErrorBoundary } from '@dr-assistant/ui/layout';
import type { PatientSession } from '@dr-assistant/ui/session';
import { HomePage } from './pages/HomePage.tsx';
import { PortalHeader } from './components/PortalHeader.tsx';
import { useRoute } from './routes.ts';
import { useText } from './words.ts';

const RecordPage = lazy(() => import('./pages/RecordPage.tsx'));
const DocumentPage = lazy(() => import('./pages/DocumentPage.tsx'));
const AppointmentsPage = lazy(() => import('./pages/AppointmentsPage.tsx'));
const BookingPage = lazy(() => import('./pages/BookingPage.tsx'));
const MessagesPage = lazy(() => import('./pages/MessagesPage.tsx'));
const ThreadPage = lazy(() => import('./pages/ThreadPage.tsx'));
const WritePage = lazy(() => import('./pages/WritePage.tsx'));
const FormsPage = lazy(() => import('./pages/FormsPage.tsx'));
const FormPage = lazy(() => import('./pages/FormPage.tsx'));
const AnswersPage = lazy(() => import('./pages/AnswersPage.tsx'));
const AccessesPage = lazy(() => import('./pages/AccessesPage.tsx'));
const DownloadPage = lazy(() => import('./pages/DownloadPage.tsx'));
const SummaryPage = lazy(() => import('./pages/SummaryPage.tsx'));
const PrivacyPage = lazy(() => import('./pages/PrivacyPage.tsx'));

/** On paper there is the page alone. */
const PRINT = { '@media print': { 'header, .no-print': { display: 'none !important' } } };

export function App({ session }: { session: PatientSession }) {
  const t = useText();
  const route = useRoute();
  return (
    <AppFrame header={<PortalHeader session={session} page={route.page} />} maxWidth="64rem">
      <GlobalStyles styles={PRINT} />
      {/* By the page: a fault of one is gone on the next. */}
      <ErrorBoundary key={location.hash}>
        <Suspense fallback={<LinearProgress aria-label={t('app.loading')} />}>
          <Page session={session} route={route} />
        </Suspense>
      </ErrorBoundary>
    </AppFrame>
  );
}

function Page({ session, route }: { session: PatientSession; route: ReturnType<typeof useRoute> }) {
  switch (route.page) {
    case 'home':
      return <HomePage session={session} />;
    case 'record':
      return <RecordPage session={session} />;
    case 'document':
      return <DocumentPage session={session} type={route.params.type} id={route.params.id} />;
    case 'appointments':
      return <AppointmentsPage session={session} />;
    case 'book':
      return <BookingPage session={session} />;
    case 'move':
      return <BookingPage session={session} movedId={route.params.id} />;
    case 'messages':
      return <MessagesPage session={session} />;
    case 'write':
      return <WritePage session={session} />;
    case 'thread':
      return <ThreadPage session={session} id={route.params.id} />;
    case 'forms':
      return <FormsPage session={session} />;
    case 'form':
      return <FormPage session={session} questionnaireId={route.params.id} />;
    case 'answers':
      return <AnswersPage session={session} id={route.params.id} />;
    case 'accesses':
      return <AccessesPage session={session} />;
    case 'download':
      return <DownloadPage session={session} />;
    case 'summary':
      return <SummaryPage session={session} />;
    case 'privacy':
      return <PrivacyPage session={session} />;
  }
}
