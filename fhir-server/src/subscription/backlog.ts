/** What waits in the outbox and among the deliveries, for a monitoring system. */
import type { Pool } from '../db/index.ts';

export interface Backlog {
  /** In the outbox. */
  readonly events: number;
  readonly oldestEventSeconds: number;
  readonly subscriptions: readonly Waiting[];
}

/** Of one Subscription. */
export interface Waiting {
  readonly subscriptionId: string;
  readonly pending: number;
  /** Given up: they wait for a replay. */
  readonly failed: number;
  /** Of those that are pending; 0 where there are none. */
  readonly oldestSeconds: number;
}

export async function loadBacklog(pool: Pool): Promise<Backlog> {
  const [{ rows: outbox }, { rows }] = await Promise.all([
    pool.query<{ events: number; oldest: number }>(
      `select count(*)::int as events,
         coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as oldest from outbox`,
    ),
    pool.query<{ subscription_id: string; pending: number; failed: number; oldest: number }>(
      `select subscription_id, count(*) filter (where state = 'pending')::int as pending,
         count(*) filter (where state = 'failed')::int as failed,
         coalesce(extract(epoch from now() - min(created_at) filter (where state = 'pending')), 0)::float8 as oldest
       from subscription_delivery where state in ('pending', 'failed') group by subscription_id`,
    ),
  ]);
  return {
    events: outbox[0]?.events ?? 0,
    oldestEventSeconds: outbox[0]?.oldest ?? 0,
    subscriptions: rows.map((row) => ({
      subscriptionId: row.subscription_id,
      pending: row.pending,
      failed: row.failed,
      oldestSeconds: row.oldest,
    })),
  };
}
