/** One Subscription on one socket: what is sent is decided anew each time, by the rights of that moment. */
import type { Subscription } from '@medplum/fhirtypes';
import type { WebSocket } from 'ws';
import type { Principal } from '../../access/index.ts';
import { Trail } from '../../audit/index.ts';
import type { Pool } from '../../db/index.ts';
import { FhirError } from '../../fhir/outcome.ts';
import { audited, loadCurrent, type Request, type Server } from '../../interaction/index.ts';
import type { LoadPrincipal } from '../may-read.ts';
import { isOwner, loadSubscriptionOwners } from '../owner.ts';
import { backportOf, isTopicBased } from '../topic/backport.ts';
import { countEvents, loadEvents } from '../topic/event-store.ts';
import {
  contentOf,
  type NotificationType,
  notificationText,
  type ShownEvent,
} from '../topic/notification.ts';
import { lastTaken, showEvents } from '../topic/show-events.ts';
import { findTopic, type Topics } from '../topic/topic-store.ts';
import type { SocketRights } from './token-store.ts';

export interface SocketContext {
  readonly pool: Pool;
  readonly server: Server;
  readonly topics: Topics;
  readonly loadPrincipal: LoadPrincipal;
  readonly markActive: (subscriptionId: string) => Promise<void>;
}

export interface Binding {
  readonly socket: WebSocket;
  readonly subscriptionId: string;
  readonly rights: SocketRights;
  /** The last number that was sent. */
  sent: number;
  sentAt: number;
  /** Milliseconds; undefined where no heartbeat is asked for. */
  heartbeatMs: number | undefined;
  /** Whether it is told as R4 does: that there is something, and nothing else. */
  isSimple: boolean;
  isBusy: boolean;
}

/** RFC 6455 section 7.4.1. */
export const POLICY_VIOLATION = 1008;
export const TRY_AGAIN = 1013;

const EVENTS_DEFAULT = 20;
/** Text that waits for a client who does not read. */
const BUFFERED_BYTES_MAX = 4 * 1024 * 1024;

/** Nothing is sent to whom it may not be, or of what is over: the reason is for the one who is bound. */
export class Unbound extends Error {
  readonly code: number;

  constructor(reason: string, code = POLICY_VIOLATION) {
    super(reason);
    this.code = code;
  }
}

interface Bound {
  readonly subscription: Subscription;
  /** Who is bound. */
  readonly receiver: Request;
  /** The same with the rights of when he wrote it: a later token does not widen what it tells of. */
  readonly author: Request;
}

/** Throws Unbound. */
async function load(context: SocketContext, { subscriptionId, rights }: Binding): Promise<Bound> {
  const { pool, server } = context;
  const requestOf = (principal: Principal | undefined): Request => {
    if (principal === undefined) throw new Unbound('the rights have ended');
    return { server, principal, db: server.reader };
  };
  const receiver = requestOf(await context.loadPrincipal(rights));
  let subscription: Subscription;
  try {
    const version = await loadCurrent(receiver, 'Subscription', subscriptionId);
    subscription = JSON.parse(version.content) as Subscription;
  } catch (error) {
    if (error instanceof FhirError && error.status < 500) throw new Unbound('there is no such Subscription');
    throw error;
  }
  const isOver = subscription.end !== undefined && Date.parse(subscription.end) <= Date.now();
  const isUsable = ['requested', 'active'].includes(subscription.status) && !isOver;
  if (!isUsable || subscription.channel.type !== 'websocket' || !isTopicBased(subscription))
    throw new Unbound('the Subscription does not send by websocket');
  const owner = (await loadSubscriptionOwners(pool, [subscriptionId])).get(subscriptionId);
  if (!isOwner(owner, rights)) throw new Unbound('the Subscription is of another author');
  return { subscription, receiver, author: requestOf(owner && (await context.loadPrincipal(owner))) };
}

/** Whether it may go on though there is nothing to tell. Throws Unbound. */
export const recheck = async (context: SocketContext, binding: Binding): Promise<void> => {
  await load(context, binding);
};

/** From now on: what was before is asked for by `$events`. Throws Unbound. */
export async function shakeHands(context: SocketContext, binding: Binding): Promise<void> {
  const { subscription } = await load(context, binding);
  const { heartbeatPeriod } = backportOf(subscription);
  binding.heartbeatMs = heartbeatPeriod === undefined ? undefined : heartbeatPeriod * 1000;
  binding.sent = (await countEvents(context.pool, [binding.subscriptionId])).get(binding.subscriptionId) ?? 0;
  send(context, binding, subscription, 'handshake', binding.sent, []);
  if (subscription.status === 'requested') await context.markActive(binding.subscriptionId);
}

/** Sends events up to the number, or a heartbeat where there is nothing new. Throws Unbound. */
export async function tell(
  context: SocketContext,
  binding: Binding,
  count: number | undefined,
): Promise<void> {
  const { pool, topics } = context;
  const { subscription, receiver, author } = await load(context, binding);
  if (count === undefined || count < binding.sent) throw new Unbound('the Subscription was made anew');
  if (count === binding.sent) return send(context, binding, subscription, 'heartbeat', count, []);
  const topic = findTopic(await topics.load(pool), subscription.criteria);
  const limit = backportOf(subscription).maxCount ?? EVENTS_DEFAULT;
  while (binding.sent < count) {
    const range = { from: binding.sent + 1, to: count, limit };
    const events = await loadEvents(pool, binding.subscriptionId, range);
    const ofAuthor = await showEvents(author, { topic: undefined, content: 'empty' }, events);
    // That something happened discloses no resource.
    const isTold = !binding.isSimple && contentOf(subscription) !== 'empty';
    const seeing: Request = isTold ? { ...receiver, trail: new Trail() } : receiver;
    const { events: shown, rest } = await showEvents(
      seeing,
      isTold ? { topic, content: contentOf(subscription) } : { topic: undefined, content: 'empty' },
      ofAuthor.events.map(({ event }) => event),
    );
    if (shown.length > 0) {
      // Before it is sent: what is not recorded is not disclosed.
      await audited(seeing, accessOf(binding.subscriptionId), () => Promise.resolve());
      send(context, binding, subscription, 'event-notification', count, shown);
    }
    binding.sent = lastTaken(events, rest) ?? count;
  }
}

const accessOf = (id: string) =>
  ({ code: 'operation', action: 'E', operation: 'websocket', reference: `Subscription/${id}` }) as const;

/** Throws Unbound where the client is gone or does not read. */
function send(
  { server }: SocketContext,
  binding: Binding,
  subscription: Subscription,
  type: NotificationType,
  count: number,
  events: readonly ShownEvent[],
): void {
  const { socket } = binding;
  if (socket.readyState !== socket.OPEN) throw new Unbound('the connection is closed');
  if (socket.bufferedAmount > BUFFERED_BYTES_MAX) throw new Unbound('the client does not read', TRY_AGAIN);
  binding.sentAt = Date.now();
  const { fhirBase } = server.config;
  const status = { fhirBase, subscription, type, count, events, content: contentOf(subscription) };
  socket.send(binding.isSimple ? `ping ${binding.subscriptionId}` : notificationText(status));
}
