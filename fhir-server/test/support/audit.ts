/** The worker's part of the audit in the test's own process. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { startSealing } from '../../src/audit/index.ts';
import { createPool } from '../../src/db/index.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { createRegistry } from '../../src/reindex/index.ts';
import { createResourceTables } from '../../src/storage/index.ts';
import type { TestServer } from './server.ts';

export interface TestSealer {
  stop(): Promise<void>;
}

export function startTestSealer(
  { databaseUrl, baseUrl }: Pick<TestServer, 'databaseUrl' | 'baseUrl'>,
  env: Readonly<Record<string, string>> = {},
): TestSealer {
  const config = loadConfig({
    DATABASE_URL: databaseUrl,
    BASE_URL: baseUrl,
    COOKIE_SECRET: 'a secret that is long enough for tests',
    AUDIT_POLL_MS: '20',
    ...env,
  });
  const pool = createPool(config);
  const registry = createRegistry();
  const sealing = startSealing({
    pool,
    registry,
    tables: createResourceTables(pool, registry),
    server: config,
    settings: config.audit,
    logger: createLogger('test', 'fatal'),
  });
  return {
    async stop() {
      await sealing.stop();
      await pool.end();
    },
  };
}

/** Whether an AuditEvent says so within some seconds, once what waits is sealed. */
export async function expectInAudit(server: TestServer, words: string): Promise<void> {
  const sealer = startTestSealer(server);
  const told = async (): Promise<string> =>
    (await server.fhir('GET', 'AuditEvent?_sort=-_lastUpdated&_count=500')).text();
  try {
    for (const end = Date.now() + 5_000; Date.now() < end; await sleep(50))
      if ((await told()).includes(words)) return;
    expect(await told()).toContain(words);
  } finally {
    await sealer.stop();
  }
}
