/** The leases that this worker holds: kept while its deliveries wait and are under way, settled many at a time. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from '../db/index.ts';
import type { Logger } from '../platform/logger.ts';
import type { Delivery } from './delivery-store.ts';
import { type Outcome, renewLeases, type Settlement, settleDeliveries } from './settle-store.ts';

/** What ends within a moment is settled by the same statement. */
const GATHER_MS = 3;

export interface HoldingContext {
  readonly pool: Pool;
  readonly leaseMs: number;
  readonly logger: Logger;
  /** Told before deliveries are settled; what it answers is told afterwards whether another version may have waited for one. */
  readonly settling: () => (isAwaited: boolean) => void;
}

export interface Holding {
  /** @param leasedAt of `performance.now()`, before they were leased */
  hold(deliveries: readonly Delivery[], leasedAt: number): void;
  /** Aborts when the lease is lost; undefined when it is already, or could be: the delivery is then another worker's. */
  signalOf(delivery: Delivery): AbortSignal | undefined;
  /** Resolves with whether it was still ours. Rejects with the fault of the database, and the lease runs out. */
  settle(delivery: Delivery, outcome: Outcome): Promise<boolean>;
  /** How many are held, by Subscription. */
  readonly counts: ReadonlyMap<string, number>;
  readonly size: number;
  /** Breaks off what is under way. */
  cut(reason: Error): void;
  /** To be called when all are settled. */
  close(): void;
}

interface Held {
  readonly delivery: Delivery;
  readonly abort: AbortController;
  /** Of `performance.now()`: the database's lease lasts a little longer. */
  until: number;
}

interface Waiting extends Settlement {
  readonly resolve: (isOurs: boolean) => void;
  readonly reject: (error: unknown) => void;
}

export function createHolding({ pool, leaseMs, logger, settling }: HoldingContext): Holding {
  const held = new Map<string, Held>();
  const counts = new Map<string, number>();
  let waiting: Waiting[] = [];
  let flushing: Promise<void> | undefined;
  let renewing: Promise<void> | undefined;

  const count = ({ subscriptionId }: Delivery, by: number): void => {
    const now = (counts.get(subscriptionId) ?? 0) + by;
    if (now > 0) counts.set(subscriptionId, now);
    else counts.delete(subscriptionId);
  };
  const release = ({ delivery }: Held): void => {
    if (held.delete(delivery.id)) count(delivery, -1);
  };
  const lose = (one: Held): void => {
    release(one);
    one.abort.abort(new Error('the lease was lost'));
  };

  async function flush(): Promise<void> {
    await sleep(GATHER_MS);
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      // A renewal may have begun with some of them: two statements must not wait for each other's rows.
      await renewing;
      const settled = settling();
      try {
        const { ours, isAwaited } = await settleDeliveries(pool, batch);
        for (const { delivery, resolve } of batch) resolve(ours.has(delivery.id));
        settled(isAwaited);
      } catch (error) {
        for (const { reject } of batch) reject(error);
        settled(false);
      }
    }
    flushing = undefined;
  }

  async function renew(): Promise<void> {
    const now = performance.now();
    for (const one of held.values()) if (one.until <= now) lose(one);
    const all = [...held.values()];
    if (all.length === 0) return;
    const kept = await renewLeases(
      pool,
      all.map(({ delivery }) => delivery),
      leaseMs,
    );
    for (const one of all)
      if (kept.has(one.delivery.id)) one.until = now + leaseMs;
      else lose(one);
  }

  const renewal = setInterval(() => {
    renewing ??= renew()
      .catch((error: unknown) => logger.warn({ err: error }, 'leases not renewed'))
      .finally(() => (renewing = undefined));
  }, leaseMs / 3);

  return {
    hold(deliveries, leasedAt) {
      for (const delivery of deliveries) {
        // Leased again after its lease had run out.
        const before = held.get(delivery.id);
        if (before) lose(before);
        held.set(delivery.id, { delivery, abort: new AbortController(), until: leasedAt + leaseMs });
        count(delivery, 1);
      }
    },
    signalOf(delivery) {
      const one = held.get(delivery.id);
      if (one?.delivery !== delivery) return undefined;
      if (one.until > performance.now()) return one.abort.signal;
      lose(one);
      return undefined;
    },
    async settle(delivery, outcome) {
      const one = held.get(delivery.id);
      if (one?.delivery !== delivery) return false;
      release(one);
      const { promise, resolve, reject } = Promise.withResolvers<boolean>();
      waiting.push({ delivery, outcome, resolve, reject });
      flushing ??= flush();
      return promise;
    },
    counts,
    get size() {
      return held.size;
    },
    cut(reason) {
      for (const { abort } of held.values()) abort.abort(reason);
    },
    close: () => clearInterval(renewal),
  };
}
