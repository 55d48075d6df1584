/** Turns events of the outbox into deliveries, in one transaction per batch: an event is never lost nor doubled. */
import type { Resource } from '@medplum/fhirtypes';
import { noteTold, withTransaction, type Pool, type PoolClient } from '../db/index.ts';
import { contextOf, isTracing, together } from '../platform/tracing.ts';
import { extractIndex, matches, type ExtractContext } from '../search/index.ts';
import type { StoredSubscription, Subscriptions } from './active-subscriptions.ts';
import { insertDeliveries, replayFailed, type NewDelivery } from './delivery-store.ts';
import { loadVersions } from './resource-version.ts';
import { type CollectContext, collectEvents } from './topic/collect.ts';

interface Event {
  readonly id: string;
  readonly resource_type: string;
  readonly resource_id: string;
  readonly version_id: number;
  readonly interaction: string;
  readonly traceparent: string | null;
}

export interface Dispatched {
  readonly events: number;
  readonly deliveries: number;
  /** Subscriptions by topic that have new events, of which nobody has been told. */
  readonly topical: readonly string[];
}

export interface DispatchContext extends ExtractContext {
  readonly batchSize: number;
  readonly collect?: CollectContext;
}

/** Handles up to `batchSize` events that no other worker holds. Returns zero events when the outbox is drained. */
export async function dispatchEvents(
  pool: Pool,
  subscriptions: Subscriptions,
  context: DispatchContext,
): Promise<Dispatched> {
  return withTransaction(pool, async (client) => {
    const { rows: events } = await client.query<Event>({
      name: 'outbox_claim',
      // What follows on a version that another worker holds waits for it: numbers are given out in the order of versions.
      text: `with claimed as materialized (
          select id, resource_type, resource_id, version_id, interaction, traceparent from outbox
          order by id limit $1 for update skip locked)
        select c.* from claimed c where not exists (
          select 1 from outbox o
          where o.resource_type = c.resource_type and o.resource_id = c.resource_id
            and o.version_id < c.version_id and o.id not in (select id from claimed))
        order by c.id`,
      values: [context.batchSize],
    });
    if (events.length === 0) return { events: 0, deliveries: 0, topical: [] };
    const take = (): Promise<Dispatched> => takeEvents({ pool, client, subscriptions, context }, events);
    return isTracing() ? together('match events', tracesOf(events), take) : take();
  });
}

const tracesOf = (events: readonly Event[]) =>
  events.map(({ traceparent }) => (traceparent === null ? undefined : contextOf({ traceparent })));

interface Taking {
  readonly pool: Pool;
  readonly client: PoolClient;
  readonly subscriptions: Subscriptions;
  readonly context: DispatchContext;
}

async function takeEvents(
  { pool, client, subscriptions, context }: Taking,
  events: readonly Event[],
): Promise<Dispatched> {
  // Read after the claim: a Subscription committed before one of these events is seen.
  const collecting = await subscriptions.loadCollecting(client);
  const deliveries: NewDelivery[] = [];
  for (const [type, ofType] of Map.groupBy(events, (e) => e.resource_type)) {
    const wanting = collecting.filter((s) => s.criteria?.resourceType === type);
    if (wanting.length > 0) deliveries.push(...(await matchEvents(client, type, ofType, wanting, context)));
  }
  // Sent together: none waits for the answer to another.
  await Promise.all([
    insertDeliveries(client, deliveries),
    client.query({
      name: 'outbox_done',
      text: 'delete from outbox where id = any ($1::uuid[])',
      values: [events.map((e) => e.id)],
    }),
  ]);
  // Whoever is notified of an event may search for it at once; topics tell of more than is delivered here.
  const told = new Set(deliveries.map((d) => d.subscriptionId));
  const telling = collecting.filter((s) => told.has(s.id) || s.criteria === undefined);
  await noteTold(
    pool,
    client,
    telling.map((s) => s.id),
  );
  const topical = context.collect ? await collectEvents(client, context.collect, events, collecting) : [];
  const reactivated = events.filter((e) => e.resource_type === 'Subscription').map((e) => e.resource_id);
  const sending = collecting.filter((s) => reactivated.includes(s.id) && s.resource.status !== 'error');
  if (sending.length > 0)
    await replayFailed(
      client,
      sending.map((s) => s.id),
    );
  return { events: events.length, deliveries: deliveries.length, topical };
}

/** Deletions notify nobody: R4 criteria describe the content that a write left behind. */
async function matchEvents(
  client: PoolClient,
  resourceType: string,
  events: readonly Event[],
  wanting: readonly StoredSubscription[],
  context: ExtractContext,
): Promise<NewDelivery[]> {
  const written = events.filter((e) => e.interaction !== 'delete');
  const versions = await loadVersions(
    client,
    resourceType,
    written.map((e) => ({ id: e.resource_id, versionId: e.version_id })),
  );
  const traceparents = new Map(events.map((e) => [`${e.resource_id}/${e.version_id}`, e.traceparent]));
  return versions.flatMap((version) => {
    const index = extractIndex(JSON.parse(version.content) as Resource, context);
    const row = { id: version.id, lastUpdated: version.lastUpdated, index };
    return wanting
      .filter((s) => s.criteria !== undefined && matches(s.criteria.filter, row))
      .map((s) => ({
        subscriptionId: s.id,
        resourceType,
        resourceId: version.id,
        versionId: version.versionId,
        traceparent: traceparents.get(`${version.id}/${version.versionId}`) ?? null,
      }));
  });
}
