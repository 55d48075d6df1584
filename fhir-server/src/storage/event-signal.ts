/** Tells the workers that events were committed, at most once in a few milliseconds. */
import type { Pool } from '../db/index.ts';

const PAUSE_MS = 5;

/**
 * A notification inside each writing transaction would make PostgreSQL commit them one by one (it holds a lock on the
 * notification queue until the commit is on disk). A lost signal costs only the worker's poll interval.
 */
export function createEventSignal(pool: Pool): () => void {
  let due: NodeJS.Timeout | undefined;
  return () => {
    due ??= setTimeout(() => {
      due = undefined;
      pool.query('notify outbox').catch(() => undefined);
    }, PAUSE_MS).unref();
  };
}
