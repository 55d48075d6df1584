/** How far topic-based Subscriptions are, for operators. */
import type { Pool } from '../../db/index.ts';

export interface TopicFigures {
  readonly subscriptionId: string;
  /** Of the Subscription, as it is stored. */
  readonly status: string;
  readonly channel: string;
  /** Numbers given out so far. */
  readonly events: number;
  /** Of those what its endpoint has not taken yet; 0 by websocket, where nothing waits. */
  readonly waiting: number;
  /** Since the oldest of them was recorded. */
  readonly lagMs: number;
  /** Why the last attempt failed, or why it was given up. */
  readonly lastError: string | undefined;
}

interface Row {
  readonly subscription_id: string;
  readonly status: string;
  readonly channel: string;
  readonly events: string;
  readonly waiting: string;
  readonly lag_ms: number;
  readonly last_error: string | null;
}

/** Of each that is stored. */
export async function topicFigures(pool: Pool): Promise<readonly TopicFigures[]> {
  // The table of a type exists from its first write on.
  const { rows: tables } = await pool.query<{ known: boolean }>(
    `select to_regclass('fhir."Subscription"') is not null as known`,
  );
  if (tables[0]?.known !== true) return [];
  const { rows } = await pool.query<Row>(
    `select t.subscription_id, content::json ->> 'status' as status, channel, t.events::text,
       (case when channel = 'rest-hook' then t.events - t.delivered else 0 end)::text as waiting,
       coalesce((select extract(epoch from now() - e.recorded_at) * 1000 from subscription_event e
         where channel = 'rest-hook' and e.subscription_id = t.subscription_id and e.event_number > t.delivered
         order by e.event_number limit 1), 0)::float8 as lag_ms,
       coalesce(t.last_error, content::json ->> 'error') as last_error
     from subscription_topic t join fhir."Subscription" s on s.id = t.subscription_id and not s.deleted
     order by t.subscription_id`,
  );
  return rows.map((row) => ({
    subscriptionId: row.subscription_id,
    status: row.status,
    channel: row.channel,
    events: Number(row.events),
    waiting: Number(row.waiting),
    lagMs: row.lag_ms,
    lastError: row.last_error ?? undefined,
  }));
}
