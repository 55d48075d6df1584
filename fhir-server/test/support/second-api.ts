/** Another process's worth of api over the database of a test server, whose tokens it takes. */
import { startApi } from '../../src/api.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { pickPort } from '../../../scripts/postgres/port.ts';
import type { TestServer } from './server.ts';

const ANSWER_MS = 20_000;

export interface SecondApi {
  readonly port: number;
  /** With METRICS_PORT in its settings. */
  readonly metricsPort: number | undefined;
  /** A path is relative to the FHIR base. Fails when no answer comes within seconds. */
  get(path: string, token: string): Promise<Response>;
  close(): Promise<void>;
}

export async function startSecondApi(
  server: TestServer,
  env: Readonly<Record<string, string>> = {},
): Promise<SecondApi> {
  const port = await pickPort();
  const config = loadConfig({
    DATABASE_URL: server.databaseUrl,
    DATA_DIR: server.dataDir,
    PORT: String(port),
    // Tokens are for one base.
    BASE_URL: server.baseUrl,
    COOKIE_SECRET: 'a secret that is long enough for tests',
    LOG_LEVEL: 'fatal',
    // The tests themselves keep the event loop busy, and some of them the connections.
    OVERLOAD_LOOP_DELAY_MS: '0',
    OVERLOAD_DATABASE_DELAY_MS: '0',
    ...env,
  });
  const api = await startApi(config, createLogger('test', 'fatal'));
  return {
    port,
    metricsPort: api.metricsPort,
    get: (path, token) =>
      fetch(`http://localhost:${port}/fhir/R4/${path}`, {
        headers: { Authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(ANSWER_MS),
      }),
    close: () => api.close(),
  };
}
