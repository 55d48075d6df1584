/** Events of the outbox become events of topic-based Subscriptions, in the transaction that takes them from the outbox. */
import type { Resource } from '@medplum/fhirtypes';
import type { PoolClient, Queryable } from '../../db/index.ts';
import { extractIndex, matches } from '../../search/index.ts';
import type { StoredSubscription } from '../active-subscriptions.ts';
import type { CriteriaContext } from '../criteria.ts';
import { FhirError } from '../../fhir/outcome.ts';
import { hiddenTest } from '../../interaction/index.ts';
import type { Disclose, Disclosing, LoadPrincipal } from '../may-read.ts';
import { loadSubscriptionOwners, type SubscriptionOwner } from '../owner.ts';
import { loadVersions, type ResourceVersion } from '../resource-version.ts';
import { backportOf, isTopicBased } from './backport.ts';
import { checkFilters } from './check-topic-subscription.ts';
import { type Change, type CompiledTopic, compileTopic, type State } from './compile-topic.ts';
import { insertEvents, type NewEvent } from './event-store.ts';
import { findTopic, type Topics } from './topic-store.ts';

export interface OutboxEvent {
  readonly resource_type: string;
  readonly resource_id: string;
  readonly version_id: number;
  readonly interaction: string;
  readonly traceparent: string | null;
}

export interface CollectContext {
  readonly criteria: CriteriaContext;
  readonly topics: Topics;
  /** For each batch anew. */
  readonly disclosing: (db: Queryable) => Disclosing;
  readonly loadPrincipal: LoadPrincipal;
}

/** Both sides of a change as they were stored; the version is what decides who may know of it. */
interface Loaded {
  readonly event: OutboxEvent;
  readonly change: Change;
  readonly previous: ResourceVersion | undefined;
  readonly current: ResourceVersion | undefined;
}

interface Wanting {
  readonly owner: SubscriptionOwner;
  readonly subscription: StoredSubscription;
  readonly topic: CompiledTopic;
}

/** Answers the Subscriptions for which events were recorded. */
export async function collectEvents(
  client: PoolClient,
  context: CollectContext,
  events: readonly OutboxEvent[],
  collecting: readonly StoredSubscription[],
): Promise<readonly string[]> {
  const topical = collecting.filter(({ resource }) => isTopicBased(resource));
  if (topical.length === 0) return [];
  const topics = await context.topics.load(client);
  const owners = await loadSubscriptionOwners(
    client,
    topical.map(({ id }) => id),
  );
  const wanting = topical.flatMap((subscription): Wanting[] => {
    const topic = findTopic(topics, backportOf(subscription.resource).topic);
    const owner = owners.get(subscription.id);
    return topic === undefined || owner === undefined ? [] : [{ owner, subscription, topic }];
  });
  const found: NewEvent[] = [];
  const followed = new Map<Wanting, boolean>();
  const { disclose } = context.disclosing(client);
  for (const [resourceType, ofType] of Map.groupBy(events, (e) => e.resource_type)) {
    const interested = wanting.filter(({ topic }) => topic.triggers.has(resourceType));
    if (interested.length === 0) continue;
    for (const loaded of await loadChanges(client, context, resourceType, ofType)) {
      const triggered = triggersOf(interested, resourceType, loaded.change);
      for (const wants of interested) {
        const { owner, subscription, topic } = wants;
        const trigger = triggered.get(topic);
        if (trigger === undefined) continue;
        if (!passesFilters(subscription, resourceType, loaded.change)) continue;
        if (!followed.has(wants)) followed.set(wants, await mayFollow(client, context, wants));
        if (followed.get(wants) !== true) continue;
        if (await mayKnow(owner, loaded, trigger.asksPrevious, disclose))
          found.push(toEvent(subscription.id, loaded.event));
      }
    }
  }
  return insertEvents(client, found);
}

/** Once for each topic, however many Subscriptions go by it. */
function triggersOf(interested: readonly Wanting[], resourceType: string, change: Change) {
  const topics = [...new Set(interested.map(({ topic }) => topic))];
  return new Map(
    topics.map((topic) => [topic, topic.triggers.get(resourceType)?.find((t) => t.isTriggered(change))]),
  );
}

/** As when it was written: topic and rights may have changed since, and an event must not tell of hidden elements. */
async function mayFollow(
  client: PoolClient,
  { criteria, loadPrincipal }: CollectContext,
  { owner, subscription, topic }: Wanting,
): Promise<boolean> {
  const principal = await loadPrincipal(owner, client);
  if (principal === undefined) return false;
  const hidden = hiddenTest(principal);
  if (hidden.isHidden === undefined) return true;
  try {
    checkFilters(subscription.resource, topic, { ...criteria, ...hidden });
    compileTopic(topic.source, { ...criteria, ...hidden });
    return true;
  } catch (error) {
    if (error instanceof FhirError) return false;
    throw error;
  }
}

const toEvent = (subscriptionId: string, event: OutboxEvent): NewEvent => ({
  subscriptionId,
  resourceType: event.resource_type,
  resourceId: event.resource_id,
  versionId: event.version_id,
  interaction: event.interaction,
  traceparent: event.traceparent,
});

async function loadChanges(
  client: PoolClient,
  { criteria }: CollectContext,
  resourceType: string,
  events: readonly OutboxEvent[],
): Promise<Loaded[]> {
  const name = (id: string, versionId: number): string => `${id}/${versionId}`;
  const wanted = new Map(
    events.flatMap(({ resource_id: id, version_id: versionId }) =>
      [versionId - 1, versionId].map((v) => [name(id, v), { id, versionId: v }] as const),
    ),
  );
  const versions = await loadVersions(client, resourceType, [...wanted.values()]);
  const byName = new Map(versions.map((v) => [name(v.id, v.versionId), v]));
  const stateOf = (version: ResourceVersion | undefined): State | undefined => {
    if (version === undefined) return undefined;
    const resource = JSON.parse(version.content) as Resource;
    const index = extractIndex(resource, criteria);
    return { resource, candidate: { id: version.id, lastUpdated: version.lastUpdated, index } };
  };
  return events.flatMap((event): Loaded[] => {
    const { resource_id: id, version_id: versionId, interaction } = event;
    const current = interaction === 'delete' ? undefined : byName.get(name(id, versionId));
    // What was deleted before a create is not what was changed.
    const previous = interaction === 'create' ? undefined : byName.get(name(id, versionId - 1));
    if (current === undefined && previous === undefined) return [];
    if (interaction !== 'delete' && current === undefined) return [];
    const change = { interaction, previous: stateOf(previous), current: stateOf(current) };
    return [{ event, change, previous, current }];
  });
}

function passesFilters(
  { filters }: StoredSubscription,
  resourceType: string,
  { previous, current }: Change,
): boolean {
  const candidate = (current ?? previous)?.candidate;
  return (
    candidate !== undefined &&
    filters !== undefined &&
    filters.every((f) => f.resourceType !== resourceType || matches(f.filter, candidate))
  );
}

/**
 * An event that its subscriber may not know of gets no number: neither a gap nor the count tells that there was one. It is
 * decided again when it is sent.
 */
async function mayKnow(
  owner: SubscriptionOwner,
  { event: { resource_type: resourceType }, change, previous, current }: Loaded,
  asksPrevious: boolean,
  disclose: Disclose,
): Promise<boolean> {
  const sides = [
    { state: change.current, version: current },
    ...(asksPrevious || current === undefined ? [{ state: change.previous, version: previous }] : []),
  ];
  for (const { state, version } of sides) {
    if (state === undefined || version === undefined) continue;
    if (!(await disclose(owner, resourceType, [version])).has(version)) return false;
  }
  return true;
}
