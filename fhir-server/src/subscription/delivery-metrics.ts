/** What a monitoring system is told of notifications: how many wait and for how long, what became of attempts, the lag of each. */
import type { Pool } from '../db/index.ts';
import type { Logger } from '../platform/logger.ts';
import { Counter, Gauge, Histogram, type Registry } from '../platform/metrics.ts';
import { type Backlog, loadBacklog, type Waiting } from './backlog.ts';
import type { Dispatched } from './dispatch.ts';
import type { Outcome } from './settle-store.ts';

/** Subscriptions that have a line of their own, those with the most that waits first; the others share one. */
const SUBSCRIPTIONS_MAX = 50;
const OTHERS = 'others';
/** Figures of the database are not older than this. */
const LOOK_MS = 1_000;

const LAG_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200];
const BATCH_SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Of which kind the Subscription is. */
type By = 'criteria' | 'topic';

export interface DeliveryMetrics {
  dispatched(done: Dispatched, seconds: number): void;
  /** `lagsMs`: of each version in it, from its write until now. */
  attempted(by: By, outcome: Outcome, ...lagsMs: readonly number[]): void;
  /** Each is asked at each look: how many are under way, by Subscription. */
  follow(underWay: () => ReadonlyMap<string, number>): void;
}

export function createDeliveryMetrics(
  registry: Registry,
  { pool, logger }: { readonly pool: Pool; readonly logger: Logger },
): DeliveryMetrics {
  const registers = [registry];
  const attempts = new Counter({
    name: 'fhir_notification_attempts_total',
    help: 'Attempts of this worker by what became of them',
    labelNames: ['by', 'outcome'],
    registers,
  });
  const lag = new Histogram({
    name: 'fhir_notification_lag_seconds',
    help: 'From the write of a version until its receiver has it',
    labelNames: ['by'],
    buckets: LAG_SECONDS,
    registers,
  });
  // They are there before anything was sent.
  for (const by of ['criteria', 'topic'] satisfies By[]) lag.zero({ by });
  const dispatch = new Histogram({
    name: 'fhir_outbox_batch_seconds',
    help: 'Time in which a batch of events became deliveries',
    buckets: BATCH_SECONDS,
    registers,
  });
  const events = new Counter({ name: 'fhir_outbox_dispatched_total', help: 'Events that this worker matched', registers }); // prettier-ignore
  const created = new Counter({ name: 'fhir_deliveries_total', help: 'Deliveries that they became', registers }); // prettier-ignore
  const underWay: (() => ReadonlyMap<string, number>)[] = [];
  new Gauge({
    name: 'fhir_deliveries_under_way',
    help: 'Notifications that this worker sends at the moment',
    labelNames: ['subscription'],
    registers,
    collect() {
      this.reset();
      for (const [subscription, count] of bounded(new Map(underWay.flatMap((of) => [...of()]))))
        this.set({ subscription }, count);
    },
  });
  followBacklog(registry, pool, logger);
  return {
    dispatched(done, seconds) {
      if (done.events === 0) return;
      dispatch.observe(seconds);
      events.inc(done.events);
      created.inc(done.deliveries);
    },
    attempted(by, outcome, ...lagsMs) {
      attempts.inc({ by, outcome: nameOf(outcome) });
      if (outcome.state !== 'delivered') return;
      for (const lagMs of lagsMs) lag.observe({ by }, Math.max(0, lagMs) / 1_000);
    },
    follow(of) {
      underWay.push(of);
    },
  };
}

const nameOf = (outcome: Outcome): string =>
  outcome.state === 'pending' ? (outcome.counted ? 'retried' : 'set aside') : outcome.state;

/** Figures of the database, the same from each worker; looked up once for each look at them all. */
function followBacklog(registry: Registry, pool: Pool, logger: Logger): void {
  let looked: Promise<Backlog | undefined> | undefined;
  let until = 0;
  const look = (): Promise<Backlog | undefined> => {
    if (looked === undefined || performance.now() > until) {
      until = performance.now() + LOOK_MS;
      looked = loadBacklog(pool).catch((error: unknown) => {
        // The figures of the process itself are told all the same.
        logger.warn({ err: error }, 'figures of the outbox not told');
        return undefined;
      });
    }
    return looked;
  };
  const total = (name: string, help: string, figure: (of: Backlog) => number): unknown =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const backlog = await look();
        if (backlog === undefined) this.remove();
        else this.set(figure(backlog));
      },
    });
  const each = (
    name: string,
    help: string,
    figure: (of: Waiting) => number,
    join?: (a: number, b: number) => number,
  ): unknown =>
    new Gauge({
      name,
      help,
      labelNames: ['subscription'],
      registers: [registry],
      async collect() {
        const all = (await look())?.subscriptions ?? [];
        this.reset();
        const figures = new Map(all.map((of) => [of.subscriptionId, figure(of)]));
        for (const [subscription, n] of bounded(figures, join)) this.set({ subscription }, n);
      },
    });
  total('fhir_outbox_events', 'Events that have not been matched with Subscriptions', (b) => b.events);
  total('fhir_outbox_oldest_seconds', 'Age of the oldest of them', (b) => b.oldestEventSeconds);
  each('fhir_deliveries_pending', 'Notifications that wait or are under way', (s) => s.pending);
  each('fhir_deliveries_failed', 'Notifications that were given up', (s) => s.failed);
  each('fhir_deliveries_oldest_seconds', 'Age of the oldest that waits', (s) => s.oldestSeconds, Math.max);
}

/** Those that are not zero, the greatest first; what is beyond is one. */
function bounded(
  figures: ReadonlyMap<string, number>,
  join = (a: number, b: number): number => a + b,
): readonly (readonly [string, number])[] {
  const sorted = [...figures].filter(([, n]) => n > 0).toSorted(([, a], [, b]) => b - a);
  const rest = sorted.slice(SUBSCRIPTIONS_MAX).map(([, n]) => n);
  return [
    ...sorted.slice(0, SUBSCRIPTIONS_MAX),
    ...(rest.length > 0 ? [[OTHERS, rest.reduce(join)] as const] : []),
  ];
}
