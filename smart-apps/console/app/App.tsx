/** The console's pages below its navigation; each is loaded when it is first gone to. */
import { lazy, Suspense, type ReactNode } from 'react';
import Box from '@mui/material/Box';
import LinearProgress from '@mui/material/LinearProgress';
import { AppFrame, ErrorBoundary } from '@dr-assistant/ui/layout';
import type { Session } from '@dr-assistant/ui/session';
import { Navigation } from './components/Navigation.tsx';
import { TypesPage } from './pages/TypesPage.tsx';
import { useRoute } from './routes.ts';
import { useText } from './words.ts';

const SearchPage = lazy(() => import('./pages/SearchPage.tsx'));
const CreatePage = lazy(() => import('./pages/CreatePage.tsx'));
const ResourcePage = lazy(() => import('./pages/ResourcePage.tsx'));
const UsersPage = lazy(() => import('./pages/UsersPage.tsx'));
const UserPage = lazy(() => import('./pages/UserPage.tsx'));
const ClientsPage = lazy(() => import('./pages/ClientsPage.tsx'));
const ClientPage = lazy(() => import('./pages/ClientPage.tsx'));
const GrantsPage = lazy(() => import('./pages/GrantsPage.tsx'));
const PoliciesPage = lazy(() => import('./pages/PoliciesPage.tsx'));
const PolicyPage = lazy(() => import('./pages/PolicyPage.tsx'));
const AccessPage = lazy(() => import('./pages/AccessPage.tsx'));
const SubscriptionsPage = lazy(() => import('./pages/SubscriptionsPage.tsx'));
const AuditPage = lazy(() => import('./pages/AuditPage.tsx'));
const BotRunsPage = lazy(() => import('./pages/BotRunsPage.tsx'));
const MetricsPage = lazy(() => import('./pages/MetricsPage.tsx'));
const PackagesPage = lazy(() => import('./pages/PackagesPage.tsx'));
const ServerPage = lazy(() => import('./pages/ServerPage.tsx'));
const QueryPage = lazy(() => import('./pages/QueryPage.tsx'));

/** What begins anew when it changes. The parts of a resource are one place: what is written in the form is in the JSON. */
const placeOf = (page: string, hash: string): string =>
  page === 'resource' ? (hash.split('?')[0] ?? hash) : hash;

export function App({ session }: { session: Session }) {
  const t = useText();
  const route = useRoute();
  return (
    <AppFrame header={<Navigation page={route.page} fhirUser={session.fhirUser} />}>
      <ErrorBoundary key={placeOf(route.page, location.hash)}>
        <Suspense fallback={<LinearProgress aria-label={t('app.loading')} />}>
          <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: 'minmax(0, 1fr)' }}>{pageOf(route)}</Box>
        </Suspense>
      </ErrorBoundary>
    </AppFrame>
  );
}

function pageOf(route: ReturnType<typeof useRoute>): ReactNode {
  switch (route.page) {
    case 'types':
      return <TypesPage />;
    case 'search':
      return (
        <SearchPage key={route.params.type} type={route.params.type} asked={route.query.get('q') ?? ''} />
      );
    case 'create':
      return <CreatePage key={route.params.type} type={route.params.type} />;
    case 'resource': {
      const { type, id } = route.params;
      return (
        <ResourcePage key={`${type}/${id}`} type={type} id={id} tab={route.query.get('show') ?? 'view'} />
      );
    }
    case 'users':
      return <UsersPage />;
    case 'user':
      return <UserPage key={route.params.id} id={route.params.id} />;
    case 'clients':
      return <ClientsPage />;
    case 'client':
      return <ClientPage key={route.params.id} id={route.params.id} />;
    case 'grants':
      return <GrantsPage />;
    case 'policies':
      return <PoliciesPage />;
    case 'policy':
      return <PolicyPage key={route.params.name} name={route.params.name} />;
    case 'access':
      return <AccessPage />;
    case 'subscriptions':
      return <SubscriptionsPage />;
    case 'audit':
      return <AuditPage asked={route.query.get('q') ?? ''} />;
    case 'bots':
      return <BotRunsPage />;
    case 'metrics':
      return <MetricsPage />;
    case 'packages':
      return <PackagesPage />;
    case 'server':
      return <ServerPage />;
    case 'query':
      return <QueryPage asked={route.query.get('path') ?? undefined} />;
  }
}
