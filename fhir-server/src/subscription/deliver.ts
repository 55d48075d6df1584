/** One attempt at each delivery of a lease: load, check the rights, send, settle. */
import type { Resource } from '@medplum/fhirtypes';
import type { Pool } from '../db/index.ts';
import type { SubscriptionConfig } from '../platform/subscription-config.ts';
import type { Logger } from '../platform/logger.ts';
import type { StoredSubscription, Subscriptions } from './active-subscriptions.ts';
import { retryDelay } from './backoff.ts';
import type { Channel } from './channel/channel.ts';
import { finishDelivery, postponeDelivery, renewLease, type Delivery } from './delivery-store.ts';
import type { Disclosed } from './may-read.ts';
import { loadSubscriptionOwners, type SubscriptionOwner } from './owner.ts';
import { loadVersions, type ResourceVersion } from './resource-version.ts';

export interface DeliverContext {
  readonly pool: Pool;
  readonly subscriptions: Subscriptions;
  readonly channel: Channel;
  readonly settings: SubscriptionConfig;
  readonly logger: Logger;
  /** For each lease anew: whether authors may read what is sent, by the rights that they have now. */
  readonly disclosing: () => Disclosed;
  /** Told when a delivery was given up: sets Subscription.status to `error` with this text. */
  readonly giveUp: (subscriptionId: string, reason: string) => Promise<void>;
}

/** What deliveries that were leased together need, as it is now. */
export interface Loaded {
  readonly subscriptions: ReadonlyMap<string, StoredSubscription>;
  readonly owners: ReadonlyMap<string, SubscriptionOwner>;
  /** By the names that versionName makes. */
  readonly versions: ReadonlyMap<string, ResourceVersion>;
  readonly disclosed: Disclosed;
}

const versionName = (type: string, id: string, versionId: number): string => `${type}/${id}/${versionId}`;

/** Each thing once, however many of the deliveries need it. */
export async function loadTogether(
  { pool, subscriptions, disclosing }: DeliverContext,
  deliveries: readonly Delivery[],
): Promise<Loaded> {
  const ids = [...new Set(deliveries.map((d) => d.subscriptionId))];
  const ofType = async ([type, some]: readonly [string, readonly Delivery[]]) => {
    const wanted = new Map(
      some.map((d) => [`${d.resourceId}/${d.versionId}`, { id: d.resourceId, versionId: d.versionId }]),
    );
    const versions = await loadVersions(pool, type, [...wanted.values()]);
    return versions.map((v) => [versionName(type, v.id, v.versionId), v] as const);
  };
  const [sending, owners, ...versions] = await Promise.all([
    subscriptions.loadSending(pool, ids),
    loadSubscriptionOwners(pool, ids),
    ...[...Map.groupBy(deliveries, (d) => d.resourceType)].map(ofType),
  ]);
  return {
    subscriptions: new Map(sending.map((s) => [s.id, s])),
    owners,
    versions: new Map(versions.flat()),
    disclosed: disclosing(),
  };
}

/** Never throws for what an endpoint does; faults of the database pass through and the lease runs out. */
export async function deliver(
  context: DeliverContext,
  delivery: Delivery,
  { subscriptions, owners, versions, disclosed }: Loaded,
  signal: AbortSignal,
): Promise<void> {
  const { pool, logger } = context;
  const { subscriptionId, resourceType, resourceId, versionId } = delivery;
  const ids = { delivery: delivery.id, subscription: subscriptionId, attempt: delivery.attempt };
  const subscription = subscriptions.get(subscriptionId);
  if (subscription === undefined) return setAside(context, delivery);
  const version = versions.get(versionName(resourceType, resourceId, versionId));
  if (version === undefined) {
    await finishDelivery(pool, delivery, 'cancelled', 'the version no longer exists');
    return;
  }
  const owner = owners.get(subscriptionId);
  const resource = JSON.parse(version.content) as Resource;
  const content = owner && (await disclosed(owner, resource, version));
  if (content === undefined) {
    logger.warn(ids, 'notification refused: the subscriber may not read the resource');
    await finishDelivery(pool, delivery, 'refused', 'the subscriber may not read the resource');
    return;
  }
  const failure = await send(context, delivery, subscription, content, signal);
  if (failure === undefined) {
    await finishDelivery(pool, delivery, 'delivered');
    logger.info(ids, 'notification delivered');
    return;
  }
  await settleFailure(context, delivery, failure);
}

/** Deliveries of a Subscription in `error` wait for it; those of one that ended, was switched off or deleted are over. */
async function setAside(context: DeliverContext, delivery: Delivery): Promise<void> {
  const collecting = await context.subscriptions.loadCollecting(context.pool);
  if (collecting.some((s) => s.id === delivery.subscriptionId)) {
    const delayMs = context.settings.retryDelayMaxMs;
    const reason = 'the Subscription is in error';
    await postponeDelivery(context.pool, delivery, { delayMs, reason, counted: false });
  } else {
    await finishDelivery(context.pool, delivery, 'cancelled', 'the Subscription is off or deleted');
  }
}

/** Sends while keeping the lease; a lease lost to another worker stops the request. Returns the reason of a failure. */
async function send(
  context: DeliverContext,
  delivery: Delivery,
  subscription: StoredSubscription,
  content: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { leaseMs } = context.settings;
  const lost = new AbortController();
  const renewal = setInterval(() => {
    renewLease(context.pool, delivery, leaseMs).then(
      (kept) => {
        if (!kept) lost.abort(new Error('the lease was lost'));
      },
      (error: unknown) => context.logger.warn({ err: error, delivery: delivery.id }, 'lease not renewed'),
    );
  }, leaseMs / 3);
  try {
    await context.channel.send(
      { subscription: subscription.resource, eventId: delivery.id, content },
      AbortSignal.any([signal, lost.signal]),
    );
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearInterval(renewal);
  }
}

async function settleFailure(context: DeliverContext, delivery: Delivery, reason: string): Promise<void> {
  const { pool, settings, logger } = context;
  const ids = {
    delivery: delivery.id,
    subscription: delivery.subscriptionId,
    attempt: delivery.attempt,
    reason,
  };
  if (delivery.attempt < settings.attemptsMax) {
    const delayMs = retryDelay(delivery.attempt, settings);
    logger.warn({ ...ids, delayMs }, 'notification failed, will be tried again');
    await postponeDelivery(pool, delivery, { delayMs, reason, counted: true });
    return;
  }
  logger.error(ids, 'notification given up');
  if (await finishDelivery(pool, delivery, 'failed', reason)) {
    const text = `Gave up after ${delivery.attempt} attempts: ${reason}. Write the Subscription again to resume.`;
    await context.giveUp(delivery.subscriptionId, text);
  }
}
