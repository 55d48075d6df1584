/** The worker's loop for topic-based Subscriptions by rest-hook: handshakes, events in their order, heartbeats. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Subscription } from '@medplum/fhirtypes';
import { createWakeUp, listen, type Pool } from '../../db/index.ts';
import type { Server } from '../../interaction/index.ts';
import type { Logger } from '../../platform/logger.ts';
import type { SubscriptionConfig } from '../../platform/subscription-config.ts';
import type { StoredSubscription, Subscriptions } from '../active-subscriptions.ts';
import { retryDelay } from '../backoff.ts';
import type { Channel } from '../channel/channel.ts';
import type { LoadPrincipal } from '../may-read.ts';
import { loadSubscriptionOwners } from '../owner.ts';
import { PAUSE_AFTER_FAULT_MS } from '../pause.ts';
import { backportOf } from './backport.ts';
import { EVENTS_MAX } from './check-topic-subscription.ts';
import { EVENT_CHANNEL, loadEvents, purgeEvents } from './event-store.ts';
import { contentOf, type NotificationType, notificationText, type ShownEvent } from './notification.ts';
import { lastTaken, showEvents } from './show-events.ts';
import {
  finishTurn,
  giveTurnBack,
  isOnTrial,
  isTurnOurs,
  leaseTurns,
  postponeTurn,
  type Turn,
} from './state-store.ts';
import { findTopic, type Topics } from './topic-store.ts';

/** Of a Subscription that names no backport-max-count. */
const EVENTS_DEFAULT = 20;
/** What a lease leaves for the database beside the time of the endpoint. */
const LEASE_MARGIN_MS = 10_000;
const PURGE_EVERY_MS = 3_600_000;

export interface SendContext {
  readonly pool: Pool;
  /** Whose search parameters are indexed. */
  readonly server: Server;
  readonly subscriptions: Subscriptions;
  readonly topics: Topics;
  readonly channel: Channel;
  readonly settings: SubscriptionConfig;
  readonly loadPrincipal: LoadPrincipal;
  readonly markActive: (subscriptionId: string) => Promise<void>;
  readonly giveUp: (subscriptionId: string, reason: string) => Promise<void>;
  readonly logger: Logger;
}

/**
 * One notification of each Subscription is under way, and no more than `concurrency` together, of which those that may take
 * nothing have half. Works until `stopping` aborts, then waits for what is under way; `cut` breaks that off.
 */
export async function sendNotifications(
  context: SendContext,
  { stopping, cut }: { readonly stopping: AbortSignal; readonly cut: AbortSignal },
): Promise<void> {
  const { pool, settings, logger } = context;
  const due = createWakeUp();
  stopping.addEventListener('abort', () => due.wake(), { once: true });
  const listening = listen(context, EVENT_CHANNEL, due, stopping);
  const running = new Map<Promise<void>, Turn>();
  let purgedAt = 0;
  while (!stopping.aborted) {
    try {
      const limit = settings.concurrency - running.size;
      const trials = Math.ceil(settings.concurrency / 2) - [...running.values()].filter(isOnTrial).length;
      const leaseMs = settings.timeoutMs + LEASE_MARGIN_MS;
      const turns = limit > 0 ? await leaseTurns(pool, { limit, trials: Math.max(0, trials), leaseMs }) : [];
      for (const turn of turns) {
        const job = take(context, turn, cut)
          .catch(async (error: unknown) => {
            logger.error({ err: error, subscription: turn.subscriptionId }, 'notification not settled');
            // Where that fails as well the lease runs out.
            await giveTurnBack(pool, turn, PAUSE_AFTER_FAULT_MS).catch(() => undefined);
          })
          .finally(() => {
            running.delete(job);
            due.wake();
          });
        running.set(job, turn);
      }
      if (Date.now() - purgedAt > PURGE_EVERY_MS) {
        purgedAt = Date.now();
        await purgeEvents(pool, settings.retentionMs);
      }
      if (turns.length < limit || limit === 0) await due.wait(settings.pollMs);
    } catch (error) {
      logger.error({ err: error }, 'notifications not sent');
      await sleep(settings.pollMs, undefined, { signal: stopping }).catch(() => undefined);
    }
  }
  await Promise.all([...running.keys(), listening]);
}

async function take(context: SendContext, turn: Turn, cut: AbortSignal): Promise<void> {
  const { pool, subscriptions, settings, logger } = context;
  const [subscription] = await subscriptions.loadSending(pool, [turn.subscriptionId]);
  if (subscription === undefined) {
    // Over, off, or in error: writing it again puts it on its way.
    await postponeTurn(pool, turn, undefined);
    return;
  }
  const made = await make(context, turn, subscription);
  if (made === undefined) return;
  const ids = { subscription: turn.subscriptionId, type: made.type, attempt: turn.attempt };
  const failure = made.text === undefined ? undefined : await send(context, subscription.resource, made, cut);
  if (failure === undefined) {
    const isOurs = await finishTurn(pool, turn, {
      delivered: made.delivered,
      isSent: made.text !== undefined,
    });
    logger.info(ids, 'notification delivered');
    if (isOurs && subscription.resource.status === 'requested') await context.markActive(turn.subscriptionId);
    return;
  }
  if (cut.aborted) {
    await giveTurnBack(pool, turn, 0);
    return;
  }
  if (turn.attempt < settings.attemptsMax) {
    const delayMs = retryDelay(turn.attempt, settings);
    logger.warn({ ...ids, reason: failure, delayMs }, 'notification failed, will be tried again');
    await postponeTurn(pool, turn, delayMs);
    return;
  }
  logger.error({ ...ids, reason: failure }, 'notification given up');
  const text = `Gave up after ${turn.attempt} attempts: ${failure}. Write the Subscription again to resume.`;
  await end(context, turn, text);
}

/** It says that it is in error before it rests: it must not rest in silence. */
async function end({ pool, giveUp }: SendContext, turn: Turn, reason: string): Promise<void> {
  if (!(await isTurnOurs(pool, turn))) return;
  await giveUp(turn.subscriptionId, reason);
  await postponeTurn(pool, turn, undefined);
}

interface Made {
  readonly type: NotificationType;
  /** The same at each attempt with the same events; each heartbeat has its own. */
  readonly eventId: string;
  /** Undefined where there is nothing that its subscriber may see. */
  readonly text: string | undefined;
  readonly delivered: number;
}

/** What is next: the handshake, events, or a heartbeat. Undefined, and the turn over, where nobody may be told anything. */
async function make(context: SendContext, turn: Turn, stored: StoredSubscription): Promise<Made | undefined> {
  const { pool, server } = context;
  const { resource } = stored;
  const owner = (await loadSubscriptionOwners(pool, [stored.id])).get(stored.id);
  const principal = owner && (await context.loadPrincipal(owner));
  if (principal === undefined) {
    await end(context, turn, 'Whoever wrote it has no access any more. Write it again to resume.');
    return undefined;
  }
  const type = turn.isHandshakeDue ? 'handshake' : turn.events > turn.delivered ? 'event-notification' : 'heartbeat'; // prettier-ignore
  let events: readonly ShownEvent[] = [];
  let { delivered } = turn;
  if (type === 'event-notification') {
    const limit = Math.min(backportOf(resource).maxCount ?? EVENTS_DEFAULT, EVENTS_MAX);
    const range = { from: turn.delivered + 1, to: turn.events, limit };
    const loaded = await loadEvents(pool, stored.id, range);
    // Nothing is included where nothing is told.
    const topic = contentOf(resource) === 'empty' ? undefined : findTopic(await context.topics.load(pool), resource.criteria); // prettier-ignore
    const request = { server, principal, db: server.reader };
    const shown = await showEvents(request, { topic, content: contentOf(resource) }, loaded);
    events = shown.events;
    delivered = lastTaken(loaded, shown.rest) ?? turn.events;
  }
  const isSilent = type === 'event-notification' && events.length === 0;
  const { fhirBase } = server.config;
  const status = { fhirBase, subscription: resource, type, count: turn.events, events, content: contentOf(resource) } as const; // prettier-ignore
  return {
    type,
    eventId: [stored.id, type, stored.versionId, type === 'heartbeat' ? Date.now() : delivered].join('.'),
    text: isSilent ? undefined : notificationText(status),
    delivered,
  };
}

async function send(
  { channel }: SendContext,
  subscription: Subscription,
  { eventId, text = '' }: Made,
  cut: AbortSignal,
): Promise<string | undefined> {
  const { timeout } = backportOf(subscription);
  const signal = timeout === undefined ? cut : AbortSignal.any([cut, AbortSignal.timeout(timeout * 1000)]);
  try {
    await channel.send({ subscription, eventId, content: text }, signal);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
