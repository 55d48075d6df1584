/** What one process of the api counts of its requests and of itself, for a monitoring system and for administrators. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Pool } from '../db/index.ts';
import { countConnections, Gauge, Histogram, type Registry } from '../platform/metrics.ts';
import { nameOf } from './interaction-name.ts';

const REQUESTS = 'fhir_request_seconds';
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export interface ApiMetrics {
  /** Counts a request until its answer is sent, or given up. */
  watch(request: IncomingMessage, response: ServerResponse): void;
  /** Requests that are being answered. */
  inFlight(): number;
  figures(): Promise<ApiFigures>;
}

/** Counts are of all the time since the start of the process. */
export interface ApiFigures {
  readonly at: string;
  readonly process: number;
  /** How many copies there are; each counts for itself. */
  readonly processes: number;
  readonly requests: readonly RequestFigures[];
  /** Upper ends, in seconds; one more has no end. */
  readonly bounds: readonly number[];
  readonly inFlight: number;
  readonly pool: { readonly total: number; readonly idle: number; readonly waiting: number };
  /** Since the figures were last asked for. */
  readonly eventLoopDelay: { readonly p50Ms: number; readonly p99Ms: number };
  readonly memory: { readonly rssBytes: number; readonly heapUsedBytes: number };
}

export interface RequestFigures {
  readonly interaction: string;
  /** `2xx` … `5xx`, or `aborted` where the client did not wait. */
  readonly status: string;
  readonly count: number;
  /** How many took at most as long as each bound, and how many there were. */
  readonly buckets: readonly number[];
}

export function createApiMetrics(
  registry: Registry,
  { pool, processes }: { readonly pool: Pool; readonly processes: number },
): ApiMetrics {
  const registers = [registry];
  const requests = new Histogram({
    name: REQUESTS,
    help: 'Requests by interaction and class of status, from their headers to the end of their answers',
    labelNames: ['interaction', 'status'] as const,
    buckets: SECONDS,
    registers,
  });
  let inFlight = 0;
  new Gauge({
    name: 'fhir_requests_in_flight',
    help: 'Requests that are being answered',
    registers,
    collect() {
      this.set(inFlight);
    },
  });
  countConnections(registry, pool);
  return {
    watch(request, response) {
      const started = performance.now();
      // A router may change it while the request is under way.
      const { url } = request;
      inFlight += 1;
      response.on('close', () => {
        inFlight -= 1;
        const status = response.writableFinished ? `${Math.floor(response.statusCode / 100)}xx` : 'aborted';
        const interaction = nameOf(url === undefined ? {} : { url }, response);
        requests.observe({ interaction, status }, (performance.now() - started) / 1_000);
      });
    },
    inFlight: () => inFlight,
    async figures() {
      return {
        at: new Date().toISOString(),
        process: process.pid,
        processes,
        ...(await requestFigures(registry)),
        inFlight,
        pool: poolFigures(pool),
        ...(await processFigures(registry)),
      };
    },
  };
}

const poolFigures = ({ totalCount, idleCount, waitingCount }: Pool): ApiFigures['pool'] => ({
  total: totalCount,
  idle: idleCount,
  waiting: waitingCount,
});

interface Value {
  readonly value: number;
  readonly labels: Readonly<Partial<Record<string, string | number>>>;
  readonly metricName?: string;
}

const valuesOf = async (registry: Registry, name: string): Promise<readonly Value[]> =>
  (await registry.getSingleMetric(name)?.get())?.values ?? [];

async function requestFigures(registry: Registry): Promise<Pick<ApiFigures, 'requests' | 'bounds'>> {
  const values = await valuesOf(registry, REQUESTS);
  const groups = Map.groupBy(values, ({ labels: { interaction, status } }) => `${interaction} ${status}`);
  const requests = [...groups.values()].map((group): RequestFigures => {
    const { interaction, status } = group[0]!.labels;
    return {
      interaction: String(interaction),
      status: String(status),
      count: group.find(({ metricName }) => metricName === `${REQUESTS}_count`)?.value ?? 0,
      buckets: group.filter(({ labels }) => labels['le'] !== undefined).map(({ value }) => value),
    };
  });
  return { requests, bounds: SECONDS };
}

async function processFigures(registry: Registry): Promise<Pick<ApiFigures, 'eventLoopDelay' | 'memory'>> {
  // One of these gauges fills the others in when it is asked.
  await valuesOf(registry, 'nodejs_eventloop_lag_seconds');
  const delayMs = async (share: string): Promise<number> =>
    ((await valuesOf(registry, `nodejs_eventloop_lag_${share}_seconds`))[0]?.value ?? 0) * 1_000;
  const { rss, heapUsed } = process.memoryUsage();
  return {
    eventLoopDelay: { p50Ms: await delayMs('p50'), p99Ms: await delayMs('p99') },
    memory: { rssBytes: rss, heapUsedBytes: heapUsed },
  };
}
