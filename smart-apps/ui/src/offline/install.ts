/** Lets a browser keep the app and open it without a connection; a newer version begins with the next page. */
import { TAKE_OVER } from './take-over.ts';

/** Long enough for a worker to be woken; the page goes on with what it has after that. */
const PATIENCE_MS = 2_000;

/**
 * Called before the page does anything else: when a newer version takes over, the page is loaded again and the promise
 * stays open. Without service workers (an address without TLS) nothing is kept.
 * @param base `/apps/scribe/`
 */
export async function keepApp(base: string): Promise<void> {
  const workers = (navigator as Partial<Navigator>).serviceWorker;
  if (workers === undefined) return;
  try {
    const known = await workers.getRegistration(base);
    if (known?.waiting && (await hasTakenOver(workers, known.waiting))) {
      location.reload();
      await new Promise(() => undefined);
    }
    // Not before the page is there: it needs the connection first.
    setTimeout(
      () => void workers.register(`${base}service-worker.js`, { scope: base }).catch(() => undefined),
      0,
    );
  } catch {
    // A browser that forbids it shows the app all the same.
  }
}

async function hasTakenOver(workers: ServiceWorkerContainer, waiting: ServiceWorker): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  workers.addEventListener('controllerchange', () => resolve(true), { once: true });
  setTimeout(() => resolve(false), PATIENCE_MS);
  waiting.postMessage(TAKE_OVER);
  return promise;
}
