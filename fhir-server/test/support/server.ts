/** The api as it runs, on a database of its own: real accounts, real tokens, real HTTP. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApi } from '../../src/api.ts';
import { provisionAccounts } from '../../src/auth/index.ts';
import { createPool } from '../../src/db/index.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { pickPort } from '../../../scripts/postgres/port.ts';
import { createDatabase } from './database.ts';

export const PASSWORD = 'correct horse battery';
export const REDIRECT = 'https://app.example/callback';

/** For which all professionals of the tests act: they see Patients whose managingOrganization it is. */
export const CLINIC = 'Organization/o';

export interface TestServer {
  readonly baseUrl: string;
  readonly fhirBase: string;
  readonly databaseUrl: string;
  readonly dataDir: string;
  /** Access token of the backend client for these scopes. */
  token(scope: string): Promise<string>;
  /** A request to the FHIR API; a path is relative to its base. `token` undefined: the backend's with all rights. */
  fhir(method: string, path: string, options?: FhirOptions): Promise<Response>;
  /** Ends the api and leaves the database. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

export interface FhirOptions {
  /** Text and bytes are sent as they are, everything else as JSON. */
  readonly body?: string | Uint8Array<ArrayBuffer> | object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: string | null;
}

const SECRET = 'backend-secret-of-the-tests';
const USERS = [
  ['doctor', 'Practitioner/doc'],
  ['receptionist', 'Practitioner/desk'],
  ['patient', 'Patient/p1'],
] as const;

export async function startTestServer(env: Readonly<Record<string, string>> = {}): Promise<TestServer> {
  const database = await createDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), 'dr-assistant-api-'));
  const port = await pickPort();
  const config = loadConfig({
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    PORT: String(port),
    COOKIE_SECRET: 'a secret that is long enough for tests',
    LOG_LEVEL: 'fatal',
    // The tests themselves keep the event loop busy, and some of them the connections.
    OVERLOAD_LOOP_DELAY_MS: '0',
    OVERLOAD_DATABASE_DELAY_MS: '0',
    ...env,
  });
  const pool = createPool(config);
  await provisionAccounts(pool, {
    users: USERS.map(([username, fhirUser]) => ({
      username,
      password: PASSWORD,
      role: username,
      fhirUser,
      organization: CLINIC,
    })),
    clients: [
      {
        clientId: 'backend',
        name: 'Backend',
        secret: SECRET,
        scope: 'system/*.cruds',
        clearance: ['R', 'V', 'consent'],
      },
      {
        clientId: 'app',
        name: 'App',
        redirectUris: [REDIRECT],
        launchUris: ['https://app.example/launch'],
        scope: 'openid fhirUser offline_access launch launch/patient patient/*.cruds user/*.cruds',
      },
      {
        clientId: 'ehr',
        name: 'EHR',
        redirectUris: [REDIRECT],
        mayLaunch: true,
        skipConsent: true,
        scope: 'user/*.cruds',
      },
    ],
  });
  await pool.end();
  const api = await startApi(config, createLogger('test', 'fatal'));
  const token = async (scope: string): Promise<string> => {
    const response = await fetch(`${config.issuer}/token`, {
      method: 'POST',
      headers: { Authorization: `Basic ${btoa(`backend:${SECRET}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
    });
    const answer = (await response.json()) as { access_token?: string };
    if (answer.access_token === undefined) throw new Error(JSON.stringify(answer));
    return answer.access_token;
  };
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= api.close());
  const everything = await token('system/*.cruds');
  return {
    baseUrl: config.baseUrl,
    fhirBase: config.fhirBase,
    databaseUrl: database.url,
    dataDir,
    token,
    fhir(method, path, { body, headers = {}, token: own = everything } = {}) {
      const isText = typeof body === 'string' || body instanceof Uint8Array;
      return fetch(`${config.fhirBase}/${path}`.replace(/\/$/, ''), {
        method,
        headers: {
          ...(own === null ? {} : { Authorization: `Bearer ${own}` }),
          ...(body === undefined ? {} : { 'Content-Type': 'application/fhir+json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
      });
    },
    stop,
    async close() {
      await stop();
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
