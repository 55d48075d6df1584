/** The worker's delivery of Subscriptions over the database of a test server, and an endpoint that takes what comes. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAuditLog } from '../../src/audit/index.ts';
import { loadPrincipalFor, loadRequester } from '../../src/auth/index.ts';
import { createOfflineServer } from '../../src/cli/offline-server.ts';
import { checkMigrated, createPool, type Pool } from '../../src/db/index.ts';
import { createEgress } from '../../src/egress/index.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { createLogger } from '../../src/platform/logger.ts';
import type { Registry } from '../../src/platform/metrics.ts';
import type { SharedRedis } from '../../src/redis/index.ts';
import { createRegistry } from '../../src/reindex/index.ts';
import type { SearchParameterRegistry } from '../../src/search/index.ts';
import { createDeliveryMetrics, startDelivery } from '../../src/subscription/index.ts';
import type { TestServer } from './server.ts';

export interface TestDelivery {
  readonly pool: Pool;
  /** Subscriptions that were given up, with the reason. */
  readonly givenUp: { readonly id: string; readonly text: string }[];
  /** Resolves when every event has been dispatched and every delivery is over. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

export async function startTestDelivery(
  server: TestServer,
  env: Readonly<Record<string, string>> = {},
  options: {
    readonly registry?: SearchParameterRegistry;
    readonly metrics?: Registry;
    readonly redis?: SharedRedis;
  } = {},
): Promise<TestDelivery> {
  const config = loadConfig({
    DATABASE_URL: server.databaseUrl,
    BASE_URL: server.baseUrl,
    COOKIE_SECRET: 'a secret that is long enough for tests',
    SUBSCRIPTION_ALLOW_PRIVATE: 'true',
    SUBSCRIPTION_POLL_MS: '20',
    ...env,
  });
  const pool = createPool(config);
  await checkMigrated(pool);
  const logger = createLogger('test', 'fatal');
  const egress = createEgress({ allowPrivate: true, logger });
  const registry = options.registry ?? createRegistry();
  const givenUp: { id: string; text: string }[] = [];
  const audit = createAuditLog({ pool, logger, settings: config.audit });
  const delivery = startDelivery({
    audit,
    server: await createOfflineServer(config, pool),
    pool,
    config,
    registry,
    redis: options.redis,
    egress,
    logger,
    loadPrincipal: ({ scopes, ...owner }, db = pool) =>
      scopes === undefined
        ? loadPrincipalFor(db, owner)
        : loadRequester(db, { ...owner, scopes }, { registry, baseUrl: config.fhirBase }),
    metrics: options.metrics && createDeliveryMetrics(options.metrics, { pool, logger }),
    markInError: (id, text) => {
      givenUp.push({ id, text });
      return Promise.resolve();
    },
  });
  return {
    pool,
    givenUp,
    async settled() {
      for (let i = 0; i < 250; i += 1) {
        const { rowCount } = await pool.query(
          `select 1 from outbox
           union all select 1 from subscription_delivery where state = 'pending'
           union all select 1 from subscription_topic
             where channel = 'rest-hook' and not paused and (handshake_due or events > delivered) limit 1`,
        );
        if (rowCount === 0) return;
        await sleep(20);
      }
      throw new Error('deliveries are still pending');
    },
    async stop() {
      await delivery.stop(1_000);
      await audit.close();
      await egress.close();
      await pool.end();
    },
  };
}

export interface Received {
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

export interface TestEndpoint {
  readonly url: string;
  readonly received: Received[];
  /** What it answers to the next requests in turn; 200 after the last. */
  readonly answers: number[];
  close(): void;
}

export async function startTestEndpoint(): Promise<TestEndpoint> {
  const received: Received[] = [];
  const answers: number[] = [];
  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ body: Buffer.concat(chunks).toString('utf8'), headers: request.headers });
      response.writeHead(answers.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    answers,
    close() {
      http.closeAllConnections();
      http.close();
    },
  };
}
