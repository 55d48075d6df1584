/** The worker's loops: events become deliveries, deliveries are sent; both wake on NOTIFY and poll as a fallback. */
import { createWakeUp, listen, type WakeUp } from '../db/index.ts';
import type { SearchParameterRegistry } from '../search/index.ts';
import { dispatchEvents } from './dispatch.ts';
import { deliverDue, type DeliverDueContext } from './deliver-due.ts';
import { purgeDeliveries } from './delivery-store.ts';
import { pause, PAUSE_AFTER_FAULT_MS } from './pause.ts';
import type { CollectContext } from './topic/collect.ts';
import type { EventFanOut } from './topic/event-fan-out.ts';

const PURGE_EVERY_MS = 3_600_000;
/** What is written within a moment becomes deliveries together. */
const GATHER_MS = 8;

export interface RunContext extends DeliverDueContext {
  readonly registry: SearchParameterRegistry;
  /** FHIR base URL. */
  readonly baseUrl: string;
  /** Without it topic-based Subscriptions get nothing. */
  readonly collect?: CollectContext & { readonly fanOut: EventFanOut };
}

/**
 * Works until `stopping` aborts, then waits for the deliveries under way and resolves; `cut` breaks those off, to be
 * repeated by another worker. Faults of the database are logged and survived.
 */
export async function runSubscriptions(
  context: RunContext,
  signals: { readonly stopping: AbortSignal; readonly cut: AbortSignal },
): Promise<void> {
  const { stopping, cut } = signals;
  const events = createWakeUp();
  const deliveries = createWakeUp();
  const onStop = (): void => {
    events.wake();
    deliveries.wake();
  };
  if (stopping.aborted) return;
  stopping.addEventListener('abort', onStop, { once: true });
  await Promise.all([
    listen(context, 'outbox', events, stopping),
    dispatchLoop(context, events, deliveries, stopping),
    deliverDue(context, deliveries, { stopping, cut }),
    purgeLoop(context, stopping),
  ]);
}

async function dispatchLoop(
  context: RunContext,
  events: WakeUp,
  deliveries: WakeUp,
  signal: AbortSignal,
): Promise<void> {
  const { pool, subscriptions, registry, baseUrl, settings, logger } = context;
  while (!signal.aborted) {
    try {
      const begin = performance.now();
      const done = await dispatchEvents(pool, subscriptions, {
        registry,
        baseUrl,
        batchSize: settings.batchSize,
        ...(context.collect && { collect: context.collect }),
      });
      context.metrics?.dispatched(done, (performance.now() - begin) / 1_000);
      const { topical, ...counts } = done;
      void context.collect?.fanOut.announce(topical);
      if (done.events > 0) logger.debug(counts, 'events dispatched');
      // Also without a new delivery: an event that left the outbox may free a later version that waited for it.
      if (done.events > 0) deliveries.wake();
      if (done.events === settings.batchSize) continue;
      await events.wait(settings.pollMs);
      await pause(GATHER_MS, signal);
    } catch (error) {
      logger.error({ err: error }, 'events not dispatched');
      await pause(PAUSE_AFTER_FAULT_MS, signal);
    }
  }
}

async function purgeLoop(context: RunContext, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const { pool, settings, subscriptions } = context;
      const collecting = await subscriptions.loadCollecting(pool);
      const ids = collecting.map(({ id }) => id);
      const count = await purgeDeliveries(pool, settings.retentionMs, ids);
      if (count > 0) context.logger.info({ count }, 'old deliveries removed');
    } catch (error) {
      context.logger.warn({ err: error }, 'old deliveries not removed');
    }
    await pause(PURGE_EVERY_MS, signal);
  }
}
