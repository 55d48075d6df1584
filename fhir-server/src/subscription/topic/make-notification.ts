/** What is sent next for a topic-based Subscription, as its author may see it at this moment. */
import type { Principal } from '../../access/index.ts';
import type { Pool } from '../../db/index.ts';
import type { Server } from '../../interaction/index.ts';
import type { StoredSubscription } from '../active-subscriptions.ts';
import type { LoadPrincipal } from '../may-read.ts';
import { loadSubscriptionOwners } from '../owner.ts';
import { backportOf } from './backport.ts';
import { EVENTS_MAX } from './check-topic-subscription.ts';
import { loadEvents } from './event-store.ts';
import { contentOf, type NotificationType, notificationText, type ShownEvent } from './notification.ts';
import { lastTaken, type Shown, showEvents } from './show-events.ts';
import type { Turn } from './state-store.ts';
import { findTopic, type Topics } from './topic-store.ts';

/** Of a Subscription that names no backport-max-count. */
const EVENTS_DEFAULT = 20;

export interface MakeContext {
  readonly pool: Pool;
  /** Whose search parameters are indexed. */
  readonly server: Server;
  readonly topics: Topics;
  readonly loadPrincipal: LoadPrincipal;
}

export interface Made {
  readonly type: NotificationType;
  /** The same at each attempt with the same events; each heartbeat has its own. */
  readonly eventId: string;
  /** Undefined where there is nothing that its subscriber may see. */
  readonly text: string | undefined;
  readonly events: readonly ShownEvent[];
  /** The number that is the last taken when this is. */
  readonly delivered: number;
  /** With whose rights. */
  readonly principal: Principal;
  /** `Type/id` of each whose content is in it. */
  readonly resources: readonly string[];
}

/** The handshake, events, or a heartbeat. Undefined where its author has no access any more: nobody may be told anything. */
export async function makeNotification(
  context: MakeContext,
  turn: Turn,
  { id, versionId, resource }: StoredSubscription,
): Promise<Made | undefined> {
  const { pool, server } = context;
  const owner = (await loadSubscriptionOwners(pool, [id])).get(id);
  const principal = owner && (await context.loadPrincipal(owner));
  if (principal === undefined) return undefined;
  const type = turn.isHandshakeDue ? 'handshake' : turn.events > turn.delivered ? 'event-notification' : 'heartbeat'; // prettier-ignore
  const isOfEvents = type === 'event-notification';
  const { events, delivered } = isOfEvents
    ? await nextEvents(context, principal, turn, resource)
    : { events: [], delivered: turn.delivered };
  const { fhirBase } = server.config;
  const status = { fhirBase, subscription: resource, type, count: turn.events, events, content: contentOf(resource) } as const; // prettier-ignore
  return {
    type,
    eventId: [id, type, versionId, type === 'heartbeat' ? Date.now() : delivered].join('.'),
    text: isOfEvents && events.length === 0 ? undefined : notificationText(status),
    events,
    delivered,
    principal,
    resources: contentOf(resource) === 'full-resource' ? events.flatMap(resourcesIn) : [],
  };
}

const resourcesIn = ({ event, content, included }: ShownEvent): string[] => [
  ...(content === undefined ? [] : [`${event.resourceType}/${event.resourceId}`]),
  ...included.flatMap((other) => (other.content === undefined ? [] : [`${other.resourceType}/${other.id}`])),
];

async function nextEvents(
  { pool, server, topics }: MakeContext,
  principal: Principal,
  turn: Turn,
  subscription: StoredSubscription['resource'],
): Promise<Pick<Shown, 'events'> & Pick<Made, 'delivered'>> {
  const content = contentOf(subscription);
  const limit = Math.min(backportOf(subscription).maxCount ?? EVENTS_DEFAULT, EVENTS_MAX);
  const range = { from: turn.delivered + 1, to: turn.events, limit };
  const loaded = await loadEvents(pool, turn.subscriptionId, range);
  // Nothing is included where nothing is told.
  const topic = content === 'empty' ? undefined : findTopic(await topics.load(pool), subscription.criteria);
  const request = { server, principal, db: server.reader };
  const { events, rest } = await showEvents(request, { topic, content }, loaded);
  return { events, delivered: lastTaken(loaded, rest) ?? turn.events };
}
