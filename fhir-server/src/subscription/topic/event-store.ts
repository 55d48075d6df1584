/** Events of topic-based Subscriptions in PostgreSQL, numbered without gaps, and how far each Subscription is. */
import type { Pool, PoolClient, Queryable } from '../../db/index.ts';

export interface NewEvent {
  readonly subscriptionId: string;
  readonly resourceType: string;
  readonly resourceId: string;
  readonly versionId: number;
  readonly interaction: string;
  /** Of the write, where that was traced. */
  readonly traceparent: string | null;
}

export interface TopicEvent extends NewEvent {
  readonly number: number;
  readonly recordedAt: Date;
}

/** Told to whoever sends: worker and sockets (event-fan-out.ts). The payload is the id of the Subscription. */
export const EVENT_CHANNEL = 'subscription_event' as const;

/**
 * Puts a Subscription at its start, or on from where it was; numbers go on. Events that were collected for something else
 * (another topic, other filters, another receiver) are gone. Runs in the transaction that writes it.
 * @param state about: what it collects and for whom, as one text
 */
export async function recordTopicState(
  client: PoolClient,
  id: string,
  state: {
    readonly about: string;
    readonly channel: string;
    readonly heartbeatPeriod: number | undefined;
    readonly isOff: boolean;
  },
): Promise<void> {
  // Under the lock under which numbers are given out.
  const { rows } = await client.query<{ about: string | null }>(
    'select about from subscription_topic where subscription_id = $1 for update',
    [id],
  );
  const before = rows[0]?.about ?? state.about;
  const isOther = before !== state.about;
  if (isOther) await client.query('delete from subscription_event where subscription_id = $1', [id]);
  await client.query({
    name: 'topic_state_record',
    text: `insert into subscription_topic as t (subscription_id, channel, heartbeat_s, handshake_due, paused, about)
      values ($1, $2, $3, not $4, $4, $5)
      on conflict (subscription_id) do update set channel = excluded.channel, heartbeat_s = excluded.heartbeat_s,
        about = excluded.about, delivered = case when $6 then t.events else t.delivered end,
        handshake_due = excluded.handshake_due, paused = excluded.paused, attempt = 0, lease = null, last_error = null,
        next_attempt_at = now()`,
    values: [id, state.channel, state.heartbeatPeriod ?? null, state.isOff, state.about, isOther],
  });
  await client.query('select pg_notify($1, $2)', [EVENT_CHANNEL, id]);
}

export async function removeTopicState(client: PoolClient, id: string): Promise<void> {
  await client.query('delete from subscription_topic where subscription_id = $1', [id]);
  await client.query('delete from subscription_event where subscription_id = $1', [id]);
  await client.query('select pg_notify($1, $2)', [EVENT_CHANNEL, id]);
}

/**
 * Numbers are given out under the lock of the Subscription's row: without gaps, and committed with what they count. Answers
 * the ids of the Subscriptions, of which is to be told after the commit.
 */
export async function insertEvents(
  client: PoolClient,
  events: readonly NewEvent[],
): Promise<readonly string[]> {
  if (events.length === 0) return [];
  const bySubscription = Map.groupBy(events, (e) => e.subscriptionId);
  const ids = [...bySubscription.keys()];
  const { rows } = await client.query<{ subscription_id: string; events: string }>({
    name: 'topic_state_lock',
    text: `select subscription_id, events::text from subscription_topic where subscription_id = any ($1::text[])
      order by subscription_id for update`,
    values: [ids],
  });
  const numbered = rows.flatMap((row) =>
    (bySubscription.get(row.subscription_id) ?? []).map((e, i) => ({
      ...e,
      number: Number(row.events) + 1 + i,
    })),
  );
  await client.query({
    name: 'topic_event_insert',
    text: `insert into subscription_event
        (subscription_id, event_number, resource_type, resource_id, version_id, interaction, traceparent)
      select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[])`,
    values: [
      numbered.map((e) => e.subscriptionId),
      numbered.map((e) => e.number),
      numbered.map((e) => e.resourceType),
      numbered.map((e) => e.resourceId),
      numbered.map((e) => e.versionId),
      numbered.map((e) => e.interaction),
      numbered.map((e) => e.traceparent),
    ],
  });
  await client.query({
    name: 'topic_state_count',
    text: `update subscription_topic t set events = t.events + n.count
      from (select * from unnest($1::text[], $2::int[]) as n (id, count)) n where t.subscription_id = n.id`,
    values: [ids, ids.map((id) => bySubscription.get(id)?.length ?? 0)],
  });
  return ids;
}

interface EventRow {
  readonly subscription_id: string;
  readonly event_number: string;
  readonly resource_type: string;
  readonly resource_id: string;
  readonly version_id: number;
  readonly interaction: string;
  readonly recorded_at: Date;
  readonly traceparent: string | null;
}

/** In their order, from one number to another, both included, at most `limit`. */
export async function loadEvents(
  db: Queryable,
  subscriptionId: string,
  range: { readonly from: number; readonly to: number; readonly limit: number },
): Promise<readonly TopicEvent[]> {
  const { rows } = await db.query<EventRow>({
    name: 'topic_events_load',
    text: `select subscription_id, event_number::text, resource_type, resource_id, version_id, interaction, recorded_at,
        traceparent
      from subscription_event where subscription_id = $1 and event_number between $2 and $3
      order by event_number limit $4`,
    values: [subscriptionId, range.from, range.to, range.limit],
  });
  return rows.map((row) => ({
    subscriptionId: row.subscription_id,
    number: Number(row.event_number),
    resourceType: row.resource_type,
    resourceId: row.resource_id,
    versionId: row.version_id,
    interaction: row.interaction,
    recordedAt: row.recorded_at,
    traceparent: row.traceparent,
  }));
}

/** How many events each Subscription has had; those that are not topic-based are absent. */
export async function countEvents(
  db: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await db.query<{ subscription_id: string; events: string }>({
    name: 'topic_events_count',
    text: 'select subscription_id, events::text from subscription_topic where subscription_id = any ($1::text[])',
    values: [ids],
  });
  return new Map(rows.map((row) => [row.subscription_id, Number(row.events)]));
}

/** The same for those that are switched on. */
export async function countLive(db: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const { rows } = await db.query<{ subscription_id: string; events: string }>({
    name: 'topic_live_count',
    text: `select subscription_id, events::text from subscription_topic
      where subscription_id = any ($1::text[]) and not paused`,
    values: [ids],
  });
  return new Map(rows.map((row) => [row.subscription_id, Number(row.events)]));
}

/** Removes events older than the retention, but for those that an endpoint still has to take. */
export async function purgeEvents(pool: Pool, retentionMs: number): Promise<number> {
  const { rowCount } = await pool.query(
    `delete from subscription_event e where recorded_at < now() - $1 * interval '1 millisecond'
       and not exists (select 1 from subscription_topic t where t.subscription_id = e.subscription_id
         and t.channel = 'rest-hook' and t.delivered < e.event_number)`,
    [retentionMs],
  );
  return rowCount ?? 0;
}
