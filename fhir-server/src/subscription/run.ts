/** The worker's two loops: events become deliveries, deliveries are sent; both wake on NOTIFY and poll as a fallback. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createWakeUp, listen, type WakeUp } from '../db/index.ts';
import type { SearchParameterRegistry } from '../search/index.ts';
import { dispatchEvents } from './dispatch.ts';
import { deliver, type DeliverContext, loadTogether } from './deliver.ts';
import { leaseDeliveries, purgeDeliveries } from './delivery-store.ts';

const PURGE_EVERY_MS = 3_600_000;
const PAUSE_AFTER_FAULT_MS = 1_000;
const LINGER_MS = 4;

export interface RunContext extends DeliverContext {
  readonly registry: SearchParameterRegistry;
  /** FHIR base URL. */
  readonly baseUrl: string;
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
    deliverLoop(context, deliveries, stopping, cut),
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
      const done = await dispatchEvents(pool, subscriptions, {
        registry,
        baseUrl,
        batchSize: settings.batchSize,
      });
      if (done.events > 0) logger.debug(done, 'events dispatched');
      // Also without a new delivery: an event that left the outbox may free a later version that waited for it.
      if (done.events > 0) deliveries.wake();
      if (done.events < settings.batchSize) await events.wait(settings.pollMs);
    } catch (error) {
      logger.error({ err: error }, 'events not dispatched');
      await pause(PAUSE_AFTER_FAULT_MS, signal);
    }
  }
}

async function deliverLoop(
  context: RunContext,
  due: WakeUp,
  signal: AbortSignal,
  cut: AbortSignal,
): Promise<void> {
  const { pool, settings, logger } = context;
  const running = new Set<Promise<void>>();
  while (!signal.aborted) {
    try {
      const limit = settings.concurrency - running.size;
      const leased = limit > 0 ? await leaseDeliveries(pool, { limit, leaseMs: settings.leaseMs }) : [];
      const loaded = leased.length > 0 ? loadTogether(context, leased) : undefined;
      for (const delivery of leased) {
        const job = loaded!
          .then((all) => deliver(context, delivery, all, cut))
          .catch((error: unknown) =>
            logger.error({ err: error, delivery: delivery.id }, 'delivery not settled'),
          )
          .finally(() => {
            running.delete(job);
            // A later version of the same resource may now go.
            due.wake();
          });
        running.add(job);
      }
      if (leased.length < limit || limit === 0) await due.wait(settings.pollMs);
      // What ends within a moment is followed by as many in one lease.
      if (running.size > 0) await pause(LINGER_MS, signal);
    } catch (error) {
      logger.error({ err: error }, 'deliveries not leased');
      await pause(PAUSE_AFTER_FAULT_MS, signal);
    }
  }
  await Promise.all(running);
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

/** Resolves after the time or as soon as the signal aborts. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
