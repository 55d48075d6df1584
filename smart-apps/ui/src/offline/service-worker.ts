/**
 * The service worker of an installed app: keeps the app's own files, so that it opens without a connection. What the
 * FHIR server answers is never kept. https://developer.mozilla.org/docs/Web/API/Service_Worker_API
 */
import { cleanupOutdatedCaches, precacheAndRoute, type PrecacheEntry } from 'workbox-precaching';
import { TAKE_OVER } from './take-over.ts';

/** The build puts the app's files in its place. */
declare const APP_FILES: PrecacheEntry[];

/** What is used of ServiceWorkerGlobalScope, whose library does not go together with that of pages. */
interface WorkerScope {
  readonly clients: { matchAll(options: object): Promise<readonly unknown[]> };
  skipWaiting(): Promise<void>;
  addEventListener(
    type: 'message',
    listener: (event: { data: unknown; waitUntil(work: Promise<unknown>): void }) => void,
  ): void;
}

const scope = self as unknown as WorkerScope;

// A launch and a log-in come back with parameters, which the page itself reads.
precacheAndRoute(APP_FILES, { ignoreURLParametersMatching: [/./], cleanURLs: false });
cleanupOutdatedCaches();

/** A page that runs needs the files that it was begun with: the next version waits until it is the only page, and begins. */
async function takeOver(): Promise<void> {
  const pages = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (pages.length <= 1) await scope.skipWaiting();
}

scope.addEventListener('message', (event) => {
  if (event.data === TAKE_OVER) event.waitUntil(takeOver());
});
