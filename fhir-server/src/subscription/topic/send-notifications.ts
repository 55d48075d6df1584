/** The worker's loop for topic-based Subscriptions by rest-hook: handshakes, events in their order, heartbeats. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Subscription } from '@medplum/fhirtypes';
import { createWakeUp } from '../../db/index.ts';
import type { Logger } from '../../platform/logger.ts';
import { contextOf, fail, inSpan, isTracing, SpanKind, together } from '../../platform/tracing.ts';
import type { SubscriptionConfig } from '../../platform/subscription-config.ts';
import type { Subscriptions } from '../active-subscriptions.ts';
import { retryDelay } from '../backoff.ts';
import type { Channel } from '../channel/channel.ts';
import type { DeliveryMetrics } from '../delivery-metrics.ts';
import { type Audit, noteDisclosure } from '../note-disclosure.ts';
import { PAUSE_AFTER_FAULT_MS } from '../pause.ts';
import type { Outcome } from '../settle-store.ts';
import { backportOf } from './backport.ts';
import type { EventFanOut } from './event-fan-out.ts';
import { purgeEvents } from './event-store.ts';
import { type Made, type MakeContext, makeNotification } from './make-notification.ts';
import {
  finishTurn,
  giveTurnBack,
  isOnTrial,
  isTurnOurs,
  leaseTurns,
  postponeTurn,
  type Turn,
} from './state-store.ts';

/** What a lease leaves for the database beside the time of the endpoint. */
const LEASE_MARGIN_MS = 10_000;
const PURGE_EVERY_MS = 3_600_000;

export interface SendContext extends MakeContext {
  readonly subscriptions: Subscriptions;
  readonly channel: Channel;
  readonly fanOut: EventFanOut;
  readonly settings: SubscriptionConfig;
  readonly audit: Audit;
  readonly metrics?: DeliveryMetrics | undefined;
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
  const listening = context.fanOut.hear(() => due.wake(), stopping);
  const running = new Map<Promise<void>, Turn>();
  context.metrics?.follow(() => new Map([...running.values()].map((turn) => [turn.subscriptionId, 1])));
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
  const { pool, subscriptions } = context;
  const [subscription] = await subscriptions.loadSending(pool, [turn.subscriptionId]);
  if (subscription === undefined) {
    // Over, off, or in error: writing it again puts it on its way.
    await postponeTurn(pool, turn, {});
    return;
  }
  const made = await makeNotification(context, turn, subscription);
  if (made === undefined) {
    context.metrics?.attempted('topic', { state: 'refused' });
    await end(context, turn, 'Whoever wrote it has no access any more. Write it again to resume.');
    return;
  }
  const reason =
    made.text === undefined ? undefined : await sendTraced(context, turn, subscription.resource, made, cut);
  const disclosure = { ...made, subscriptionId: turn.subscriptionId, isTaken: reason === undefined };
  const noted = noteDisclosure(context.audit, disclosure);
  if (noted) await noted;
  const outcome = outcomeOf(context.settings, turn, { made, reason, isCut: cut.aborted });
  context.metrics?.attempted('topic', outcome, ...lagsOf(made));
  await settle(context, turn, made, outcome, subscription.resource.status === 'requested');
}

function outcomeOf(
  settings: SubscriptionConfig,
  { attempt }: Turn,
  {
    made,
    reason,
    isCut,
  }: { readonly made: Made; readonly reason: string | undefined; readonly isCut: boolean },
): Outcome {
  if (made.text === undefined) return { state: 'refused' };
  if (reason === undefined) return { state: 'delivered' };
  if (isCut) return { state: 'pending', delayMs: 0, counted: false };
  if (attempt >= settings.attemptsMax) return { state: 'failed', reason };
  return { state: 'pending', delayMs: retryDelay(attempt, settings), counted: true, reason };
}

const lagsOf = ({ events }: Made): number[] => events.map(({ writtenAt }) => Date.now() - writtenAt);

async function settle(
  context: SendContext,
  turn: Turn,
  { type, text, delivered }: Made,
  outcome: Outcome,
  isRequested: boolean,
): Promise<void> {
  const { pool, logger } = context;
  const ids = { subscription: turn.subscriptionId, type, attempt: turn.attempt };
  const { state, reason } = outcome;
  if (state === 'failed') {
    logger.error({ ...ids, reason }, 'notification given up');
    await end(context, turn, `Gave up after ${turn.attempt} attempts: ${reason ?? ''}. Write the Subscription again to resume.`); // prettier-ignore
  } else if (state !== 'pending') {
    const isOurs = await finishTurn(pool, turn, { delivered, isSent: text !== undefined });
    logger.info(
      ids,
      text === undefined ? 'nothing to notify of that the subscriber may read' : 'notification delivered',
    );
    if (isOurs && isRequested) await context.markActive(turn.subscriptionId);
  } else if (outcome.counted) {
    const { delayMs } = outcome;
    logger.warn({ ...ids, reason, delayMs }, 'notification failed, will be tried again');
    await postponeTurn(pool, turn, { delayMs, reason });
  } else await giveTurnBack(pool, turn, outcome.delayMs);
}

/** It says that it is in error before it rests: it must not rest in silence. */
async function end({ pool, giveUp }: SendContext, turn: Turn, reason: string): Promise<void> {
  if (!(await isTurnOurs(pool, turn))) return;
  await giveUp(turn.subscriptionId, reason);
  await postponeTurn(pool, turn, { reason });
}

/** A part of the traces in which its events were written; a handshake or a heartbeat is part of none. */
async function sendTraced(
  context: SendContext,
  { attempt }: Turn,
  subscription: Subscription,
  made: Made,
  cut: AbortSignal,
): Promise<string | undefined> {
  const parents = isTracing()
    ? made.events.flatMap(({ event: { traceparent } }) =>
        traceparent === null ? [] : [contextOf({ traceparent })],
      )
    : [];
  if (parents.length === 0) return send(context, subscription, made, cut);
  const name = `notify by ${subscription.channel.type}`;
  const attributes = { 'fhir.subscription.attempt': attempt, 'fhir.subscription.events': made.events.length };
  return together('notify of events', parents, () =>
    inSpan(name, { kind: SpanKind.PRODUCER, attributes }, async (span) => {
      const reason = await send(context, subscription, made, cut);
      if (reason !== undefined) fail(span, 'not taken');
      return reason;
    }),
  );
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
