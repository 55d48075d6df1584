/** A connection that hears of changes, for what a process keeps of the database: whenever it breaks, nothing may be kept. */
import { connectAside } from './wake-up.ts';
import type { Pool } from './pool.ts';

const RECONNECT_MS = 1_000;

export interface Hearing {
  /** Otherwise a change could go unnoticed. */
  isHearing(): boolean;
  /** Resolves when everything that was committed before has been heard. */
  catchUp(): Promise<void>;
  close(): void;
}

/** `changed` is called for each change, and when the connection breaks or is there again. */
export async function hearChanges(
  pool: Pool,
  channel: 'auth_changed' | 'consents_changed',
  changed: () => void,
): Promise<Hearing> {
  let isClosed = false;
  let isHearing = false;
  let release: (() => void) | undefined;
  let catchUp = (): Promise<unknown> => Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const retry = (): void => {
    if (!isClosed) timer = setTimeout(() => void connect(), RECONNECT_MS);
  };
  const connect = async (): Promise<void> => {
    const client = await connectAside(pool).catch(() => undefined);
    if (client === undefined) return retry();
    let isLost = false;
    const lost = (): void => {
      if (isLost) return;
      isLost = true;
      isHearing = false;
      release = undefined;
      changed();
      void client.end().catch(() => undefined);
      retry();
    };
    release = lost;
    client.on('error', lost).on('end', lost).on('notification', changed);
    try {
      await client.query(`listen ${channel}`);
      // Not before: a change until then is not heard, so nothing may be kept.
      isHearing = !isLost;
      // PostgreSQL sends what a connection is to be notified of before it reads its next query.
      catchUp = () => client.query(`listen ${channel}`);
      if (isHearing) changed();
    } catch {
      lost();
    }
  };
  await connect();
  return {
    isHearing: () => isHearing,
    async catchUp() {
      // A connection that is lost has made everything forgotten.
      await catchUp().catch(() => undefined);
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      release?.();
    },
  };
}
