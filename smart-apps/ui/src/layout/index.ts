/** The pieces that the pages of all apps are made of. */
export { AppFrame } from './AppFrame.tsx';
export { ConfirmDialog } from './ConfirmDialog.tsx';
export { EmptyState } from './EmptyState.tsx';
export { ErrorBoundary } from './ErrorBoundary.tsx';
export { FaultAlert } from './FaultAlert.tsx';
export { goTo, hashRoutes, matchHash, type HashRoutes, type RouteOf } from './hash-routes.ts';
export { LiveRegion } from './LiveRegion.tsx';
export { PageHeading } from './PageHeading.tsx';
