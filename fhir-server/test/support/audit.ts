/** The worker's part of the audit in the test's own process. */
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
