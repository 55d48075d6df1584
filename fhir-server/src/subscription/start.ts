/** Puts the delivery of Subscriptions together: what worker.ts starts, and what a test may start in its own process. */
import type { Pool, Queryable } from '../db/index.ts';
import type { Egress } from '../egress/index.ts';
import type { Server } from '../interaction/index.ts';
import type { Config } from '../platform/config.ts';
import type { Logger } from '../platform/logger.ts';
import { createSecretBox } from '../platform/secret-box.ts';
import type { SharedRedis } from '../redis/index.ts';
import type { SearchParameterRegistry } from '../search/index.ts';
import { createSubscriptions } from './active-subscriptions.ts';
import { createChannels } from './channel/index.ts';
import type { DeliveryMetrics } from './delivery-metrics.ts';
import { createDisclose, type LoadPrincipal } from './may-read.ts';
import type { Audit } from './note-disclosure.ts';
import type { SubscriptionOwner } from './owner.ts';
import { runSubscriptions } from './run.ts';
import { createMarkActive } from './subscription-state.ts';
import { createEventFanOut } from './topic/event-fan-out.ts';
import { sendNotifications } from './topic/send-notifications.ts';
import { createTopics } from './topic/topic-store.ts';

export interface DeliveryOptions {
  readonly pool: Pool;
  readonly config: Pick<Config, 'fhirBase' | 'secret' | 'subscription'>;
  readonly registry: SearchParameterRegistry;
  readonly egress: Pick<Egress, 'post'>;
  readonly loadPrincipal: LoadPrincipal;
  /** Sets Subscription.status to `error` and Subscription.error to the text, as a new version. */
  readonly markInError: (subscriptionId: string, text: string) => Promise<void>;
  readonly logger: Logger;
  /** With what is searchable, and without write rules: what notifications include is found in it. */
  readonly server: Server;
  /** Told of each resource that is sent. */
  readonly audit: Audit;
  readonly metrics?: DeliveryMetrics | undefined;
  readonly redis?: SharedRedis | undefined;
}

export interface RunningDelivery {
  /** Finishes the deliveries under way, at most for `drainMs`; what is cut off then is sent again by another worker. */
  stop(drainMs: number): Promise<void>;
}

export function startDelivery(options: DeliveryOptions): RunningDelivery {
  const { pool, registry, logger, config } = options;
  const context = { registry, baseUrl: config.fhirBase };
  const { egress } = options;
  const { subscription: settings, fhirBase } = config;
  const channels = createChannels({ egress, settings, fhirBase });
  // It was accepted, so a search parameter that this process does not know (yet) is the likely cause.
  const notUnderstood = (what: 'subscription' | 'topic') => (id: string, versionId: number) =>
    logger.warn({ [what]: id, versionId }, `a stored ${what} is not understood and gets no events`);
  const subscriptions = createSubscriptions(
    context,
    createSecretBox(config.secret, 'subscription secrets'),
    notUnderstood('subscription'),
  );
  const topics = createTopics(context, notUnderstood('topic'));
  const disclosing = (db: Queryable) => createDisclose(onceEach(options.loadPrincipal), db, context);
  const stopping = new AbortController();
  const cut = new AbortController();
  const signals = { stopping: stopping.signal, cut: cut.signal };
  const { audit, metrics } = options;
  const fanOut = createEventFanOut({ pool, logger, redis: options.redis });
  const common = { pool, subscriptions, channel: channels, settings, logger, audit, metrics, giveUp: options.markInError }; // prettier-ignore
  const running = Promise.all([
    runSubscriptions(
      {
        ...context,
        ...common,
        disclosing,
        collect: { criteria: context, topics, disclosing, loadPrincipal: options.loadPrincipal, fanOut },
      },
      signals,
    ),
    sendNotifications(
      {
        ...common,
        server: options.server,
        topics,
        fanOut,
        loadPrincipal: options.loadPrincipal,
        markActive: createMarkActive(options.server),
      },
      signals,
    ),
  ]);
  return {
    async stop(drainMs) {
      const timer = setTimeout(() => cut.abort(new Error('the worker is stopping')), drainMs);
      stopping.abort();
      await running;
      clearTimeout(timer);
      channels.close();
    },
  };
}

/** The rights of each author once. */
function onceEach(load: LoadPrincipal): LoadPrincipal {
  const known = new Map<SubscriptionOwner, ReturnType<LoadPrincipal>>();
  return (owner, db) => {
    let principal = known.get(owner);
    if (!principal) known.set(owner, (principal = load(owner, db)));
    return principal;
  };
}
