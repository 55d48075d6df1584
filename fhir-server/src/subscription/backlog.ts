/** What waits in the outbox, among the deliveries and of topics, for a monitoring system. */
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
       from subscription_delivery where state in ('pending', 'failed') group by subscription_id
       union all
       select subscription_id, case when paused then 0 else events - delivered end::int,
         case when paused and last_error is not null then events - delivered else 0 end::int,
         coalesce((select extract(epoch from now() - e.recorded_at) from subscription_event e
           where not paused and e.subscription_id = t.subscription_id and e.event_number > t.delivered
           order by e.event_number limit 1), 0)::float8
       from subscription_topic t where channel = 'rest-hook' and events > delivered`,
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
