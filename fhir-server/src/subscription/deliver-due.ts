/** Leases deliveries that are due, some ahead of those under way, and sends them. */
import type { WakeUp } from '../db/index.ts';
import { contextOf, fail, inSpan, isTracing, SpanKind } from '../platform/tracing.ts';
import { deliver, type DeliverContext } from './deliver.ts';
import type { DeliveryMetrics } from './delivery-metrics.ts';
import { type Delivery, leaseDeliveries, type Share } from './delivery-store.ts';
import { createHolding, type Holding } from './holding.ts';
import { type LoadContext, type Loaded, loadTogether } from './load-together.ts';
import { pause, PAUSE_AFTER_FAULT_MS } from './pause.ts';
import type { Outcome } from './settle-store.ts';
import { createTurns, type Turns } from './turns.ts';

/** Deliveries that a worker holds, for each that may be under way. */
const HELD_FOR_EACH = 32;
/** Of a Subscription it holds at most so many times as many as it could still take. */
const SHARE = 3;
/** More are leased when not more than so many wait for each that may be under way. */
const LOW_FOR_EACH = 2;
/** How often is looked for other Subscriptions while many deliveries wait. */
const OTHERS_EVERY_MS = 50;
/** What was loaded for a delivery, rights among it, is loaded again when it has waited for longer. */
const FRESH_MS = 250;
/** What becomes due within a moment is leased together. */
const GATHER_MS = 4;

export interface DeliverDueContext extends DeliverContext, LoadContext {
  /** Told when a delivery was given up: sets Subscription.status to `error` with this text. */
  readonly giveUp: (subscriptionId: string, reason: string) => Promise<void>;
  readonly metrics?: DeliveryMetrics | undefined;
}

interface Leased extends Delivery {
  readonly load: () => Promise<Loaded>;
}

/** What a worker has at hand. */
interface Hand {
  readonly context: DeliverDueContext;
  readonly holding: Holding;
  readonly turns: Turns<Leased>;
  readonly jobs: Set<Promise<void>>;
  readonly due: WakeUp;
  /** Whether there may be more due than was leased. */
  isMoreDue: boolean;
  /** How often was looked for what is due. */
  looks: number;
  /** When is looked for other Subscriptions again, of `performance.now()`. */
  othersAt: number;
}

/** Works until `stopping` aborts, then gives back what waits, finishes what is under way and resolves; `cut` breaks that off. */
export async function deliverDue(
  context: DeliverDueContext,
  due: WakeUp,
  { stopping, cut }: { readonly stopping: AbortSignal; readonly cut: AbortSignal },
): Promise<void> {
  const { pool, settings, logger } = context;
  const { leaseMs } = settings;
  const settling = () => {
    const { looks } = hand;
    return (isAwaited: boolean): void => {
      // Who looked meanwhile may have left a later version alone that came after this was settled.
      if (isAwaited || hand.isMoreDue || hand.looks !== looks) due.wake();
    };
  };
  const hand: Hand = {
    context,
    holding: createHolding({ pool, leaseMs, logger, settling }),
    turns: createTurns(settings.concurrency),
    jobs: new Set(),
    due,
    isMoreDue: false,
    looks: 0,
    othersAt: 0,
  };
  context.metrics?.follow(() => hand.turns.underWay());
  const onCut = (): void => hand.holding.cut(cut.reason as Error);
  cut.addEventListener('abort', onCut, { once: true });
  while (!stopping.aborted) {
    try {
      await leaseMore(hand);
      start(hand);
      await due.wait(hand.isMoreDue ? Math.min(OTHERS_EVERY_MS, settings.pollMs) : settings.pollMs);
      await pause(GATHER_MS, stopping);
    } catch (error) {
      logger.error({ err: error }, 'deliveries not leased');
      await pause(PAUSE_AFTER_FAULT_MS, stopping);
    }
  }
  await Promise.all(hand.turns.clear().map((delivery) => giveBack(hand, delivery)));
  await Promise.all(hand.jobs);
  cut.removeEventListener('abort', onCut);
  hand.holding.close();
}

/**
 * As long as few wait and more is due; when many wait, of those Subscriptions alone of which hardly any do, so that what is slow
 * to be taken keeps nobody else waiting. Never takes all room, so that a Subscription that has had nothing finds some.
 */
async function leaseMore(hand: Hand): Promise<void> {
  const { context, holding, turns } = hand;
  const { concurrency, leaseMs } = context.settings;
  for (;;) {
    const room = HELD_FOR_EACH * concurrency - holding.size;
    const limit = Math.ceil(room / 2);
    const isFed = turns.waiting > LOW_FOR_EACH * concurrency;
    if (limit < 1 || (isFed && performance.now() < hand.othersAt)) {
      hand.isMoreDue = true;
      return;
    }
    hand.looks += 1;
    hand.othersAt = performance.now() + OTHERS_EVERY_MS;
    const leasedAt = performance.now();
    const shares = [...holding.counts].map(([subscriptionId, held]) => ({
      subscriptionId,
      held,
      more:
        isFed && turns.waitingOf(subscriptionId) >= LOW_FOR_EACH
          ? 0
          : Math.max(0, Math.floor((SHARE * room - held) / (SHARE + 1))),
    }));
    const leased = await leaseDeliveries(context.pool, { limit, leaseMs, shares });
    hand.isMoreDue = leased.length === limit || shares.some((share) => isBounding(share, leased, limit));
    take(hand, leased, leasedAt);
    if (leased.length < limit || isFed) return;
  }
}

const isBounding = ({ subscriptionId, more }: Share, leased: readonly Delivery[], limit: number): boolean =>
  more < limit && leased.filter((d) => d.subscriptionId === subscriptionId).length >= more;

function take(hand: Hand, deliveries: readonly Delivery[], leasedAt: number): void {
  const { context, holding, turns } = hand;
  if (deliveries.length === 0) return;
  const load = keptFresh(() =>
    loadTogether(
      context,
      leased.filter((d) => holding.signalOf(d) !== undefined),
    ),
  );
  const leased: readonly Leased[] = deliveries.map((delivery) => ({ ...delivery, load }));
  holding.hold(leased, leasedAt);
  turns.add(leased);
  start(hand);
}

/** What it last answered, for a while. */
function keptFresh<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  let until = 0;
  return () => {
    const now = performance.now();
    if (loaded === undefined || now > until) {
      until = now + FRESH_MS;
      loaded = load();
      loaded.catch(() => (loaded = undefined));
    }
    return loaded;
  };
}

/** All that may go now. */
function start(hand: Hand): void {
  const { context, holding, turns, jobs, due } = hand;
  for (let delivery = turns.next(); delivery !== undefined; delivery = turns.next()) {
    const signal = holding.signalOf(delivery);
    if (signal === undefined) {
      turns.done(delivery, false);
      continue;
    }
    const job = attempt(hand, delivery, signal).finally(() => jobs.delete(job));
    jobs.add(job);
  }
  if (hand.isMoreDue && turns.waiting <= LOW_FOR_EACH * context.settings.concurrency) due.wake();
}

async function attempt(hand: Hand, delivery: Leased, signal: AbortSignal): Promise<void> {
  const { context, holding, turns } = hand;
  const outcome = await deliverLoaded(context, delivery, signal);
  turns.done(delivery, outcome.state === 'failed' || (outcome.state === 'pending' && outcome.counted));
  start(hand);
  try {
    const isOurs = await holding.settle(delivery, outcome);
    if (isOurs && outcome.state === 'failed')
      await context.giveUp(
        delivery.subscriptionId,
        `Gave up after ${delivery.attempt} attempts: ${outcome.reason ?? ''}. Write the Subscription again to resume.`,
      );
  } catch (error) {
    context.logger.error({ err: error, delivery: delivery.id }, 'delivery not settled');
  }
}

/** What fails in the server itself is tried again without being counted. */
async function deliverLoaded(
  context: DeliverDueContext,
  delivery: Leased,
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    const loaded = await delivery.load();
    const attempt = (): Promise<Outcome> => deliver(context, delivery, loaded, signal);
    const outcome = isTracing() ? await traced(delivery, loaded, attempt) : await attempt();
    context.metrics?.attempted('criteria', outcome, Date.now() - (loaded.writtenAt(delivery) ?? Date.now()));
    return outcome;
  } catch (error) {
    context.logger.error({ err: error, delivery: delivery.id }, 'delivery not attempted');
    const delayMs = PAUSE_AFTER_FAULT_MS;
    return { state: 'pending', delayMs, reason: 'a fault of the server', counted: false };
  }
}

/** A part of the trace in which the version was written, however much later. */
function traced(
  { subscriptionId, resourceType, attempt, traceparent = null }: Delivery,
  loaded: Loaded,
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  const type = loaded.subscriptions.get(subscriptionId)?.resource.channel.type;
  const attributes = { 'fhir.resource_type': resourceType, 'fhir.subscription.attempt': attempt };
  return inSpan(
    type === undefined ? 'notify' : `notify by ${type}`,
    { kind: SpanKind.PRODUCER, attributes },
    async (span) => {
      const outcome = await work();
      span.setAttribute('fhir.subscription.outcome', outcome.state);
      if (outcome.state === 'failed' || (outcome.state === 'pending' && outcome.counted))
        fail(span, 'not taken');
      return outcome;
    },
    contextOf(traceparent === null ? {} : { traceparent }),
  );
}

/** What was leased ahead is for other workers at once. */
async function giveBack({ context, holding }: Hand, delivery: Leased): Promise<void> {
  try {
    await holding.settle(delivery, { state: 'pending', delayMs: 0, counted: false });
  } catch (error) {
    context.logger.warn({ err: error, delivery: delivery.id }, 'delivery not given back');
  }
}
