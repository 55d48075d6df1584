/** How far topic-based Subscriptions are, for operators. */
import type { Subscription } from '@medplum/fhirtypes';
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
    `select t.subscription_id, channel, t.events::text,
       (case when channel = 'rest-hook' then t.events - t.delivered else 0 end)::text as waiting,
       coalesce((select extract(epoch from now() - e.recorded_at) * 1000 from subscription_event e
         where channel = 'rest-hook' and e.subscription_id = t.subscription_id and e.event_number > t.delivered
         order by e.event_number limit 1), 0)::float8 as lag_ms,
       t.last_error
     from subscription_topic t order by t.subscription_id`,
  );
  const { rows: stored } = await pool.query<{ id: string; content: string }>(
    'select id, content from fhir."Subscription" where id = any($1::text[]) and not deleted',
    [rows.map((row) => row.subscription_id)],
  );
  const contents = new Map(stored.map(({ id, content }) => [id, JSON.parse(content) as Subscription]));
  return rows.flatMap((row) => {
    const subscription = contents.get(row.subscription_id);
    if (subscription === undefined) return [];
    return {
      subscriptionId: row.subscription_id,
      status: subscription.status,
      channel: row.channel,
      events: Number(row.events),
      waiting: Number(row.waiting),
      lagMs: row.lag_ms,
      lastError: row.last_error ?? subscription.error,
    };
  });
}
