/** Tells all processes which Subscriptions have something new: by Redis where there is one, else by PostgreSQL. */
import { listen, type Pool } from '../../db/index.ts';
import type { Logger } from '../../platform/logger.ts';
import type { SharedRedis } from '../../redis/index.ts';
import { EVENT_CHANNEL } from './event-store.ts';

/** Ids of Subscriptions; undefined when something may have been missed. */
export type Heard = (ids: readonly string[] | undefined) => void;

export interface EventFanOut {
  /** To be called after the commit. What is lost on the way is found by whoever polls. Never fails. */
  announce(ids: readonly string[]): Promise<void>;
  /** Until the signal aborts. */
  hear(heard: Heard, signal: AbortSignal): Promise<void>;
}

export function createEventFanOut({
  pool,
  redis,
  logger,
}: {
  readonly pool: Pool;
  readonly redis: SharedRedis | undefined;
  readonly logger: Logger;
}): EventFanOut {
  return {
    async announce(ids) {
      if (ids.length === 0) return;
      // Where nobody hears it there, the others are cut off from Redis, and not this one.
      if (((await redis?.publish(EVENT_CHANNEL, JSON.stringify(ids))) ?? 0) > 0) return;
      const values = [EVENT_CHANNEL, ids];
      await pool
        .query({
          name: 'topic_events_announce',
          text: 'select pg_notify($1, id) from unnest($2::text[]) id',
          values,
        })
        .catch(() => undefined);
    },
    async hear(heard, signal) {
      const unsubscribe = redis?.subscribe(EVENT_CHANNEL, (text) => heard(idsOf(text)));
      try {
        // Always: whoever announces may be cut off from Redis, and writes of Subscriptions are told by PostgreSQL alone.
        const wake = (id?: string): void => heard(id === undefined ? undefined : [id]);
        await listen({ pool, logger }, EVENT_CHANNEL, { wake }, signal);
      } finally {
        unsubscribe?.();
      }
    },
  };
}

/** Whoever can write to Redis can send anything: at worst everything is looked at. */
function idsOf(text: string | undefined): readonly string[] | undefined {
  try {
    const ids: unknown = JSON.parse(text ?? '');
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : undefined;
  } catch {
    return undefined;
  }
}
