/** Bulk exports as a client does them, and the worker's part in the test's own process. */
import { setTimeout as sleep } from 'node:timers/promises';
import { NO_AUDIT } from '../../src/audit/index.ts';
import { loadRequester } from '../../src/auth/index.ts';
import type { Bucket } from '../../src/bucket/index.ts';
import { openExports, startBulk } from '../../src/bulk/index.ts';
import { createPool } from '../../src/db/index.ts';
import { NO_PROFILES } from '../../src/interaction/index.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { createRegistry } from '../../src/reindex/index.ts';
import { createEventSignal, createResourceTables, openBinaries } from '../../src/storage/index.ts';
import type { FhirOptions, TestServer } from './server.ts';

export const BULK_SETTINGS = { BULK_POLL_MS: '20', BULK_SETTLE_MS: '50', BULK_PAUSE_MS: '0' };

export function startTestExporter(
  { databaseUrl, baseUrl, dataDir }: Pick<TestServer, 'databaseUrl' | 'baseUrl' | 'dataDir'>,
  env: Readonly<Record<string, string>> = {},
  bucket?: Bucket,
): { stop(): Promise<void> } {
  const config = loadConfig({
    DATABASE_URL: databaseUrl,
    BASE_URL: baseUrl,
    DATA_DIR: dataDir,
    COOKIE_SECRET: 'a secret that is long enough for tests',
    ...BULK_SETTINGS,
    ...env,
  });
  const pool = createPool(config);
  const registry = createRegistry();
  const server = {
    config,
    pool,
    reader: pool,
    registry,
    tables: createResourceTables(pool, registry),
    binaries: openBinaries(config, undefined),
    signalEvents: createEventSignal(pool),
    operations: new Map(),
    profiles: NO_PROFILES,
    audit: NO_AUDIT,
    writeRules: {},
  };
  const bulk = startBulk({
    server,
    folder: openExports(config, bucket),
    loadRequester: (requester) => loadRequester(pool, requester, { registry, baseUrl: config.fhirBase }),
    logger: createLogger('test', 'fatal'),
  });
  return {
    async stop() {
      await bulk.stop();
      await pool.end();
    },
  };
}

export interface ManifestFile {
  readonly type: string;
  readonly url: string;
  readonly count: number;
}

export interface Manifest {
  readonly transactionTime: string;
  readonly request: string;
  readonly requiresAccessToken: boolean;
  readonly output: readonly ManifestFile[];
  readonly deleted: readonly ManifestFile[];
  readonly error: readonly ManifestFile[];
}

export const ASYNC = { Prefer: 'respond-async', Accept: 'application/fhir+json' };

export const kickOff = (server: TestServer, path: string, { headers, ...options }: FhirOptions = {}) =>
  server.fhir(options.body === undefined ? 'GET' : 'POST', path, {
    ...options,
    headers: { ...ASYNC, ...headers },
  });

const below = (server: TestServer, url: string): string => url.slice(server.fhirBase.length + 1);

/** A request to an absolute URL of the server. */
export const ask = (server: TestServer, url: string, options: FhirOptions & { method?: string } = {}) =>
  server.fhir(options.method ?? 'GET', below(server, url), options);

/** The answer that ends the polling. */
export async function poll(server: TestServer, status: string, options: FhirOptions = {}): Promise<Response> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(20)) {
    const response = await ask(server, status, options);
    if (response.status !== 202) return response;
    await response.text();
  }
  throw new Error('not finished within a minute');
}

export async function lines(server: TestServer, files: readonly ManifestFile[], options: FhirOptions = {}) {
  const all: { resourceType: string; id: string; [element: string]: unknown }[] = [];
  for (const { url } of files) {
    const text = await (await ask(server, url, options)).text();
    for (const line of text.split('\n')) if (line !== '') all.push(JSON.parse(line) as (typeof all)[number]);
  }
  return all;
}

export interface Exported {
  readonly status: string;
  readonly manifest: Manifest;
  /** `Type/id` of all output, in alphabetical order. */
  readonly names: readonly string[];
}

/** From kick-off to the last file. Throws when one of the steps fails. */
export async function exported(
  server: TestServer,
  path: string,
  options: FhirOptions = {},
): Promise<Exported> {
  const started = await kickOff(server, path, options);
  const status = started.headers.get('content-location');
  if (started.status !== 202 || status === null) throw new Error(`${started.status} ${await started.text()}`);
  const token = options.token === undefined ? {} : { token: options.token };
  const answer = await poll(server, status, token);
  if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`);
  const manifest = (await answer.json()) as Manifest;
  const all = await lines(server, manifest.output, token);
  return { status, manifest, names: all.map(({ resourceType, id }) => `${resourceType}/${id}`).sort() };
}
