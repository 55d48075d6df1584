/** Two processes of the api over one database and one Redis, and how to look into all three. */
import { Redis } from 'ioredis';
import type { Pool } from '../../src/db/index.ts';
import { type ServerProcess, startServerProcess } from '../lifecycle/api-process.ts';
import { pickPort } from '../../../scripts/postgres/port.ts';
import { poolOf } from '../support/oauth-caller.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

export interface TwoProcesses {
  readonly redis: TestRedis;
  /** A client of one's own, which sees all keys. */
  readonly client: Redis;
  readonly pool: Pool;
  /** The api in the process of the test. */
  readonly here: TestServer;
  /** That in another one. */
  readonly there: ServerProcess;
  /** GET of a path below the FHIR base. */
  ask(
    which: 'here' | 'there',
    path: string,
    token: string,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Response>;
  /** How often a look into what is shared ended so. */
  reads(which: 'here' | 'there', cache: string, outcome: 'hit' | 'miss' | 'away'): Promise<number>;
  stop(): Promise<void>;
}

/** @param program path of redis-server */
export async function startTwoProcesses(
  program: string,
  env: Readonly<Record<string, string>> = {},
): Promise<TwoProcesses> {
  const redis = await startRedis(program);
  const own = { ...env, REDIS_URL: redis.url };
  const [metricsHere, metricsThere] = [await pickPort(), await pickPort()];
  const here = await startTestServer({ ...own, METRICS_PORT: String(metricsHere) });
  const there = await startServerProcess({
    DATABASE_URL: here.databaseUrl,
    DATA_DIR: here.dataDir,
    // Tokens are for one base.
    BASE_URL: here.baseUrl,
    ...own,
    METRICS_PORT: String(metricsThere),
  });
  await there.ready();
  const client = new Redis(redis.url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  const pool = poolOf(here);
  const ports = { here: Number(new URL(here.baseUrl).port), there: there.port };
  const metrics = { here: metricsHere, there: metricsThere };
  return {
    redis,
    client,
    pool,
    here,
    there,
    ask: (which, path, token, headers = {}) =>
      fetch(`http://localhost:${ports[which]}/fhir/R4/${path}`, {
        headers: { Authorization: `Bearer ${token}`, ...headers },
      }),
    async reads(which, cache, outcome) {
      const text = await (await fetch(`http://127.0.0.1:${metrics[which]}/metrics`)).text();
      const line = new RegExp(
        `^fhir_redis_reads_total\\{cache="${cache}",outcome="${outcome}"\\} (\\d+)$`,
        'm',
      );
      return Number(line.exec(text)?.[1] ?? 0);
    },
    async stop() {
      client.disconnect();
      await pool.end();
      await there.stop();
      await here.close();
      await redis.stop();
    },
  };
}
