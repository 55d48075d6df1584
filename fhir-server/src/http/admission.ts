/**
 * Whether a new request is taken on. Where the event loop, the short reads or the pool of connections are behind, the newest
 * are refused at once, for a fraction of what answering them would cost, and those that were taken on are answered in time.
 */
import type { Lane, Pool } from '../db/index.ts';
import type { Logger } from '../platform/logger.ts';
import { Counter, Gauge, type Registry } from '../platform/metrics.ts';
import type { OverloadConfig } from '../platform/overload-config.ts';
import { QueueDelay } from './queue-delay.ts';
import { RefusalShare } from './refusal-share.ts';

export interface Admission {
  /** The queue for whose sake a request is refused now. */
  refusal(method: string | undefined, url: string): QueueName | undefined;
  close(): void;
}

/** What is ready to run; the lane of short reads; who waits for a connection of the pool. */
export type QueueName = 'event loop' | 'reads' | 'connections';

export interface AdmissionOptions {
  readonly config: OverloadConfig;
  readonly pool: Pool;
  readonly reader: Lane;
  /** How many requests are being answered. */
  readonly inFlight: () => number;
  readonly registry: Registry;
  readonly logger: Logger;
}

const TICK_MS = 50;
/** Timers are late by so much in a process that does nothing. */
const JITTER_MS = 3;
/** Statements of one pipelined connection that are no sign of a queue. */
const PIPELINED = 8;
/** With fewer under way there is no crowd: one client that sends large Bundles one by one is no overload. */
const CROWD = 8;
const LOG_EVERY_MS = 10_000;

/** A read by id needs no connection of the pool. https://hl7.org/fhir/R4/http.html#read */
const IS_READ = /^\/fhir\/R4\/[A-Z][A-Za-z]+\/[A-Za-z0-9.-]+(?:\/_history\/[A-Za-z0-9.-]+)?(?:\?|$)/;
/** Who watches the process must hear of it, and files of apps need no database. */
const IS_HEALTH = /^\/(?:livez|readyz)(?:\?|$)/;
const IS_FILE = /^\/apps\//;

/** Watches until it is closed. */
export function createAdmission(options: AdmissionOptions): Admission {
  const { config, logger, inFlight } = options;
  const { loopDelayMs, databaseDelayMs } = config;
  const queues = watchQueues(options);
  const refused = count(options.registry, queues);
  let unlogged = 0;
  let loggedAt = -LOG_EVERY_MS;

  /** Queues of the database are bounded; of the loop's only the past is known, and a share is drawn. */
  function behind(method: string | undefined, url: string): QueueName | undefined {
    if (loopDelayMs > 0 && queues.loop.share > 0 && Math.random() < queues.loop.share)
      return IS_HEALTH.test(url) ? undefined : 'event loop';
    if (databaseDelayMs === 0) return undefined;
    const isNeeded = (): boolean => !IS_FILE.test(url) && !IS_HEALTH.test(url);
    if (queues.reads.delayMs > databaseDelayMs && isNeeded()) return 'reads';
    if (queues.connections.delayMs <= databaseDelayMs || !isNeeded()) return undefined;
    const isRead = (method === 'GET' || method === 'HEAD') && IS_READ.test(url);
    return isRead ? undefined : 'connections';
  }

  function tell(): void {
    const now = performance.now();
    if (unlogged === 0 || now - loggedAt < LOG_EVERY_MS) return;
    logger.warn({ refused: unlogged, delaysMs: delaysOf(queues) }, 'overloaded: new requests are refused');
    unlogged = 0;
    loggedAt = now;
  }

  return {
    refusal(method, url) {
      if (inFlight() < CROWD) return undefined;
      const queue = behind(method, url);
      if (queue === undefined) return undefined;
      refused.inc({ queue });
      unlogged += 1;
      tell();
      return queue;
    },
    close: () => queues.close(),
  };
}

interface Queues {
  readonly loop: RefusalShare;
  readonly reads: QueueDelay;
  readonly connections: QueueDelay;
  loopMs: number;
  close(): void;
}

function watchQueues({ config, pool, reader }: AdmissionOptions): Queues {
  let acquired = 0;
  const onAcquire = (): void => void (acquired += 1);
  pool.on('acquire', onAcquire);
  let armedAt = performance.now();
  const tick = (): void => {
    const elapsedMs = performance.now() - armedAt;
    const lateMs = elapsedMs - TICK_MS;
    queues.loopMs = lateMs < JITTER_MS ? 0 : lateMs;
    queues.loop.update(queues.loopMs, elapsedMs);
    queues.reads.measure(elapsedMs);
    queues.connections.measure(elapsedMs);
    armedAt = performance.now();
    timer = setTimeout(tick, TICK_MS).unref();
  };
  let timer = setTimeout(tick, TICK_MS).unref();
  const pipelined = PIPELINED * reader.size;
  const queues: Queues = {
    loop: new RefusalShare(config.loopDelayMs),
    loopMs: 0,
    reads: new QueueDelay(() => ({
      waiting: Math.max(0, reader.outstanding - pipelined),
      left: reader.answered,
    })),
    connections: new QueueDelay(() => ({ waiting: pool.waitingCount, left: acquired })),
    close() {
      clearTimeout(timer);
      pool.off('acquire', onAcquire);
    },
  };
  return queues;
}

const delaysOf = ({ loopMs, reads, connections }: Queues): Record<QueueName, number> => ({
  'event loop': Math.round(loopMs),
  reads: Math.round(reads.delayMs),
  connections: Math.round(connections.delayMs),
});

function count(registry: Registry, queues: Queues): Counter<'queue'> {
  const registers = [registry];
  const labelNames = ['queue'] as const;
  new Gauge({
    name: 'fhir_queue_delay_seconds',
    help: 'How long work waits for the event loop, for the short reads before it, and for a connection',
    labelNames,
    registers,
    collect() {
      for (const [queue, ms] of Object.entries(delaysOf(queues))) this.set({ queue }, ms / 1_000);
    },
  });
  const refused = new Counter({
    name: 'fhir_requests_refused_total',
    help: 'Requests that were refused with 503 because a queue was behind; no other figure counts them',
    labelNames,
    registers,
  });
  for (const queue of ['event loop', 'reads', 'connections']) refused.inc({ queue }, 0);
  return refused;
}
