/** The worker's part of indexing in the test's own process, which a test may end between two batches. */
import { createPool } from '../../src/db/index.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { createRegistry, followParameters, startReindex } from '../../src/reindex/index.ts';
import { createResourceTables } from '../../src/storage/index.ts';
import type { TestServer } from './server.ts';

export interface TestWorker {
  stop(): Promise<void>;
}

/** Quick, and settled as soon as a poll of the others has passed. */
export const REINDEX_SETTINGS = { REINDEX_POLL_MS: '20', REINDEX_SETTLE_MS: '100', REINDEX_PAUSE_MS: '0' };

export function startTestWorker(
  server: Pick<TestServer, 'databaseUrl' | 'baseUrl'>,
  env: Readonly<Record<string, string>> = {},
): TestWorker {
  const config = loadConfig({
    DATABASE_URL: server.databaseUrl,
    BASE_URL: server.baseUrl,
    COOKIE_SECRET: 'a secret that is long enough for tests',
    ...REINDEX_SETTINGS,
    ...env,
  });
  const pool = createPool(config);
  const logger = createLogger('test', 'fatal');
  const registry = createRegistry();
  const parameters = followParameters(registry, {
    pool,
    logger,
    settings: config.reindex,
    searches: false,
  });
  const reindex = startReindex({
    pool,
    logger,
    registry,
    tables: createResourceTables(pool, registry),
    baseUrl: config.fhirBase,
    settings: config.reindex,
    load: () => parameters.load(),
  });
  return {
    async stop() {
      await reindex.stop();
      await parameters.stop();
      await pool.end();
    },
  };
}
