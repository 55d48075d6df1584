/** Wakes a waiting loop; a call that comes while nobody waits is remembered, so none is missed. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../platform/logger.ts';
import pg from 'pg';
import type { Pool } from './pool.ts';

const RECONNECT_MS = 2_000;

export interface WakeUp {
  wake(): void;
  /** Resolves at the next wake (or at once when one came since the last wait), at the latest after `ms`. */
  wait(ms: number): Promise<void>;
}

export function createWakeUp(): WakeUp {
  let pending = false;
  let release: (() => void) | undefined;
  return {
    wake() {
      pending = true;
      release?.();
    },
    async wait(ms) {
      if (!pending) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          release = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        release = undefined;
      }
      pending = false;
    },
  };
}

/**
 * A connection for whoever listens: none of the pool's, which is for those who give back what they take. The caller ends it.
 */
export async function connectAside(pool: Pool): Promise<pg.Client> {
  const client = new pg.Client(pool.options);
  // A connection that only listens may break at any time: without this handler that would end the process.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Holds one connection that listens to a channel and wakes the loop; reconnects when the connection breaks, and wakes it without a payload then. */
export async function listen(
  context: { readonly pool: Pool; readonly logger: Logger },
  channel: 'outbox' | 'subscription_event' | 'search_parameter' | 'reindex' | 'structure_definition' | 'bulk',
  wakeUp: { wake(payload?: string): void },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const client = await connectAside(context.pool);
      try {
        client.on('notification', ({ payload }) => wakeUp.wake(payload));
        await client.query(`listen ${channel}`);
        wakeUp.wake();
        await once(client, 'end', { signal });
      } finally {
        await client.end().catch(() => undefined);
      }
    } catch (error) {
      if (signal.aborted) return;
      context.logger.warn({ err: error }, `not listening to ${channel}; polling goes on`);
      await sleep(RECONNECT_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
