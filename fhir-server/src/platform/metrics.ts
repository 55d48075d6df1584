/** Figures for a monitoring system, in the text format of Prometheus. https://prometheus.io/docs/instrumenting/exposition_formats/ */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Logger } from './logger.ts';

export { Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** A registry with what there is to tell of any Node process: processor time, memory, delay of the event loop. */
export function createMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** Connections of a pool: how many there are, how many rest, and who waits for one. */
export function countConnections(
  registry: Registry,
  pool: { readonly totalCount: number; readonly idleCount: number; readonly waitingCount: number },
): void {
  new Gauge({
    name: 'fhir_database_connections',
    help: 'Connections of the pool (total, idle), and who waits for one (waiting)',
    labelNames: ['state'] as const,
    registers: [registry],
    collect() {
      this.set({ state: 'total' }, pool.totalCount);
      this.set({ state: 'idle' }, pool.idleCount);
      this.set({ state: 'waiting' }, pool.waitingCount);
    },
  });
}

/** `/metrics`, `/livez` and `/readyz`. Listens when it resolves; throws when the port is taken, and so are the `copies - 1` after it. */
export async function serveMetrics(
  registry: Registry,
  options: {
    readonly host: string;
    readonly port: number;
    /** Of the same process on this machine, each with a port of its own. */
    readonly copies?: number;
    readonly isReady: () => Promise<boolean>;
    readonly logger: Logger;
  },
): Promise<MetricsServer> {
  const answers: Readonly<Record<string, (response: ServerResponse) => Promise<void> | void>> = {
    '/livez': (response) => end(response, 200, 'ok'),
    async '/readyz'(response) {
      const isReady = await options.isReady();
      end(response, isReady ? 200 : 503, isReady ? 'ok' : 'the database cannot be reached');
    },
    '/metrics': async (response) => end(response, 200, await registry.metrics(), registry.contentType),
  };
  const server = createServer((request, response) => {
    const answer = answers[(request.url ?? '').split('?')[0] ?? ''];
    if (answer === undefined) return end(response, 404, 'There is /metrics, /livez and /readyz.');
    if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405, 'Only GET.');
    Promise.resolve(answer(response)).catch((error: unknown) => {
      options.logger.error({ err: error }, 'metrics not told');
      end(response, 500, 'The figures cannot be told now.');
    });
  });
  await listen(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Copies of one process would share a port otherwise, and each question would meet another of them. */
async function listen(
  server: Server,
  { host, port, copies = 1 }: { readonly host: string; readonly port: number; readonly copies?: number },
): Promise<void> {
  for (let next = port; ; next += 1) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject).listen({ host, port: next, exclusive: true }, resolve);
    try {
      await promise;
      server.off('error', reject);
      return;
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!isTaken || port === 0 || next >= port + copies - 1) throw error;
    }
  }
}

function end(
  response: ServerResponse,
  status: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text);
}
