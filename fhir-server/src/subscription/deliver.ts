/** One attempt at a delivery: what became of it. */
import type { SubscriptionConfig } from '../platform/subscription-config.ts';
import type { Logger } from '../platform/logger.ts';
import { retryDelay } from './backoff.ts';
import type { Channel } from './channel/channel.ts';
import type { Delivery } from './delivery-store.ts';
import type { Loaded } from './load-together.ts';
import { type Audit, noteDisclosure } from './note-disclosure.ts';
import type { Outcome } from './settle-store.ts';

export interface DeliverContext {
  readonly channel: Channel;
  readonly settings: SubscriptionConfig;
  readonly audit: Audit;
  readonly logger: Logger;
}

/** Never throws for what an endpoint does; throws where the audit cannot be told. */
export async function deliver(
  context: DeliverContext,
  delivery: Delivery,
  loaded: Loaded,
  signal: AbortSignal,
): Promise<Outcome> {
  const subscription = loaded.subscriptions.get(delivery.subscriptionId)?.resource;
  if (subscription === undefined) return setAside(context, delivery, loaded);
  if (loaded.writtenAt(delivery) === undefined)
    return { state: 'cancelled', reason: 'the version no longer exists' };
  const content = loaded.contentOf(delivery);
  if (content === undefined) {
    context.logger.warn(namesOf(delivery), 'notification refused: the subscriber may not read the resource');
    return { state: 'refused', reason: 'the subscriber may not read the resource' };
  }
  let reason: string | undefined;
  let isCut = false;
  try {
    await context.channel.send({ subscription, eventId: delivery.id, content }, signal);
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
    // Another worker sends it again at once.
    if (signal.aborted) isCut = true;
  }
  const { type, payload } = subscription.channel;
  if (type === 'rest-hook' && payload !== undefined) {
    const noted = noteDisclosure(context.audit, {
      subscriptionId: delivery.subscriptionId,
      eventId: delivery.id,
      principal: loaded.principalOf(delivery),
      resources: [`${delivery.resourceType}/${delivery.resourceId}`],
      isTaken: reason === undefined,
    });
    if (noted) await noted;
  }
  if (isCut) return { state: 'pending', delayMs: 0, counted: false };
  if (reason !== undefined) return failure(context, delivery, reason);
  context.logger.info(namesOf(delivery), 'notification delivered');
  return { state: 'delivered' };
}

const namesOf = ({ id, subscriptionId, attempt }: Delivery) => ({
  delivery: id,
  subscription: subscriptionId,
  attempt,
});

/** Deliveries of a Subscription in `error` wait for it; those of one that ended, was switched off or deleted are over. */
function setAside(
  { settings }: DeliverContext,
  { subscriptionId }: Delivery,
  { collecting }: Loaded,
): Outcome {
  if (!collecting.has(subscriptionId))
    return { state: 'cancelled', reason: 'the Subscription is off or deleted' };
  const reason = 'the Subscription is in error';
  return { state: 'pending', delayMs: settings.retryDelayMaxMs, reason, counted: false };
}

function failure({ settings, logger }: DeliverContext, delivery: Delivery, reason: string): Outcome {
  const names = { ...namesOf(delivery), reason };
  if (delivery.attempt < settings.attemptsMax) {
    const delayMs = retryDelay(delivery.attempt, settings);
    logger.warn({ ...names, delayMs }, 'notification failed, will be tried again');
    return { state: 'pending', delayMs, reason, counted: true };
  }
  logger.error(names, 'notification given up');
  return { state: 'failed', reason };
}
