/** The server under measurement: a PostgreSQL as `npm start` runs it, the real api, a backend client with all rights. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { provisionAccounts } from '../../fhir-server/src/auth/index.ts';
import { startEmbeddedPostgres } from '../embedded-postgres.ts';
import { migrateDatabase } from '../migrate.ts';
import { pickPort } from '../postgres/port.ts';
import { API_NODE_ARGS, apiRuntime } from '../server-runtime.ts';
import { type RunningProcess, startProcess } from './processes.ts';

const SECRET = 'secret-of-the-bench-client';

export interface System {
  readonly origin: string;
  readonly database: pg.Pool;
  readonly databaseUrl: string;
  readonly postgresPid: number;
  readonly apiPid: number;
  /** initdb, migrations, and the api on an empty database. */
  readonly firstStartMs: number;
  /** The api on a migrated database, until it answers. */
  readonly coldStartMs: number;
  /** A new access token with all rights; they live for minutes. */
  token(): Promise<string>;
  stop(): Promise<void>;
}

/**
 * `folder` is kept and used again; without one, a temporary folder that is deleted in the end. With `profileDir` the api
 * leaves a CPU profile there when it stops; `env` are further settings of it.
 */
export async function startSystem(
  folder: string | undefined,
  profileDir: string | undefined,
  env: Readonly<Record<string, string>> = {},
): Promise<System> {
  const begin = performance.now();
  const home = folder ?? mkdtempSync(join(tmpdir(), 'dr-assistant-bench-'));
  mkdirSync(home, { recursive: true });
  const postgres = await startEmbeddedPostgres({ folder: home, port: await pickPort() });
  await migrateDatabase(postgres.url);
  const database = new pg.Pool({ connectionString: postgres.url, max: 4 });
  await provisionAccounts(database, {
    users: [],
    clients: [
      {
        clientId: 'bench',
        name: 'Bench',
        secret: SECRET,
        scope: 'system/*.cruds',
        clearance: ['R', 'V', 'consent'],
      },
    ],
  });
  const port = await pickPort();
  const origin = `http://127.0.0.1:${port}`;
  const startApi = (): ReturnType<typeof startProcess> =>
    startProcess(
      ['fhir-server/src/api.ts'],
      {
        DATABASE_URL: postgres.url,
        DATA_DIR: join(home, 'api'),
        PORT: String(port),
        BASE_URL: origin,
        COOKIE_SECRET: 'a secret of the bench that is long enough',
        LOG_LEVEL: 'fatal',
        ...env,
        ...apiRuntime(join(home, 'compile-cache')),
      },
      `${origin}/readyz`,
      [...API_NODE_ARGS, ...(profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`])],
    );
  let api: RunningProcess & { startMs: number } = await startApi();
  const firstStartMs = performance.now() - begin;
  await api.stop();
  api = await startApi();
  return {
    origin,
    database,
    databaseUrl: postgres.url,
    postgresPid: Number(readFileSync(join(postgres.dataDir, 'postmaster.pid'), 'utf8').split('\n')[0]),
    apiPid: api.pid,
    firstStartMs,
    coldStartMs: api.startMs,
    async token() {
      const response = await fetch(`${origin}/oauth2/token`, {
        method: 'POST',
        headers: { Authorization: `Basic ${btoa(`bench:${SECRET}`)}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'system/*.cruds' }),
      });
      const { access_token: token } = (await response.json()) as { access_token?: string };
      if (token === undefined) throw new Error(`no token: ${response.status}`);
      return token;
    },
    async stop() {
      await api.stop();
      await database.end();
      await postgres.stop();
      if (folder === undefined) {
        rmSync(postgres.dataDir, { recursive: true, force: true });
        rmSync(home, { recursive: true, force: true });
      }
    },
  };
}
