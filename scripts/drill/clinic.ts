/** The api of a drill as a process, its accounts, and what a client does there over HTTP. */
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { provisionAccounts } from '../../fhir-server/src/auth/index.ts';
import { startProcess, type RunningProcess } from '../bench/processes.ts';
import { migrateDatabase } from '../migrate.ts';
import { pickPort } from '../postgres/port.ts';
import { API_NODE_ARGS, apiRuntime } from '../server-runtime.ts';

const REDIRECT = 'https://app.example/callback';
const secret = randomBytes(24).toString('hex');
const password = randomBytes(12).toString('hex');

export interface Answer {
  readonly status: number;
  readonly etag: string | undefined;
  /** Of what was created. */
  readonly location: string | undefined;
  readonly bytes: Buffer;
}

export interface Clinic {
  /** Throws when there is no answer at all. */
  call(
    method: string,
    path: string,
    body?: object | Buffer,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  /** A new access token of the backend client, which `call` uses from then on. */
  renewToken(): Promise<void>;
  /** A person logs in with a password, in an app; resolves with the app's refresh token. Throws when that does not work. */
  logIn(): Promise<string>;
  /** Status of the answer to a refresh token. */
  refresh(token: string): Promise<number>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Migrates the database and makes a client and a user. `dataDir` is where the api keeps content. */
export async function createClinic(databaseUrl: string, home: string, dataDir: string): Promise<Clinic> {
  await migrateDatabase(databaseUrl);
  await provision(databaseUrl);
  const port = await pickPort();
  const origin = `http://127.0.0.1:${port}`;
  const base = `${origin}/fhir/R4`;
  const env = {
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    PORT: String(port),
    BASE_URL: origin,
    COOKIE_SECRET: randomBytes(24).toString('hex'),
    LOG_LEVEL: 'fatal',
    ...apiRuntime(join(home, 'compile-cache')),
  };
  let api: RunningProcess | undefined;
  let token = '';
  const requestToken = (form: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>>) =>
    fetch(`${origin}/oauth2/token`, { method: 'POST', headers, body: new URLSearchParams(form) });
  return {
    async call(method, path, body, headers = {}) {
      const response = await fetch(path.startsWith('http') ? path : `${base}/${path}`, {
        method,
        headers: {
          Authorization: `Bearer ${token}`,
          ...(body === undefined || Buffer.isBuffer(body) ? {} : { 'Content-Type': 'application/fhir+json' }),
          ...headers,
        },
        ...(body && { body: Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body) }),
      });
      return {
        status: response.status,
        etag: response.headers.get('etag') ?? undefined,
        location: response.headers.get('location') ?? undefined,
        bytes: Buffer.from(await response.arrayBuffer()),
      };
    },
    async renewToken() {
      const response = await requestToken(
        { grant_type: 'client_credentials', scope: 'system/*.cruds' },
        { Authorization: `Basic ${btoa(`drill:${secret}`)}` },
      );
      if (!response.ok) throw new Error(`no token: ${response.status} ${await response.text()}`);
      token = ((await response.json()) as { access_token: string }).access_token;
    },
    logIn: () => logIn(origin),
    refresh: async (refreshToken) =>
      (
        await requestToken(
          { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: 'drill-app' },
          {},
        )
      ).status,
    async start() {
      api = await startProcess(['fhir-server/src/api.ts'], env, `${origin}/readyz`, API_NODE_ARGS);
    },
    async stop() {
      await api?.stop();
    },
  };
}

async function provision(databaseUrl: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  try {
    await provisionAccounts(pool, {
      users: [
        {
          username: 'drill-doctor',
          password,
          role: 'doctor',
          fhirUser: 'Practitioner/drill-doctor',
          organization: 'Organization/drill',
        },
      ],
      clients: [
        {
          clientId: 'drill',
          name: 'Drill',
          secret,
          scope: 'system/*.cruds',
          clearance: ['R', 'V', 'consent'],
        },
        {
          clientId: 'drill-app',
          name: 'App of the drill',
          redirectUris: [REDIRECT],
          skipConsent: true,
          scope: 'openid fhirUser offline_access user/*.rs',
        },
      ],
    });
  } finally {
    await pool.end();
  }
}

/** As a browser does it: https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html */
async function logIn(origin: string): Promise<string> {
  const verifier = randomBytes(32).toString('base64url');
  const cookies = new Map<string, string>();
  /** Follows redirects within the server; resolves with where they lead. */
  const go = async (url: URL, form?: Readonly<Record<string, string>>): Promise<URL> => {
    const response = await fetch(url, {
      method: form === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: { Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form && { body: new URLSearchParams(form) }),
    });
    await response.arrayBuffer();
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null) return url;
    const next = new URL(location, url);
    return next.origin === origin ? go(next) : next;
  };
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: 'drill-app',
    redirect_uri: REDIRECT,
    scope: 'openid fhirUser offline_access user/*.rs',
    prompt: 'consent',
    state: 'drill',
    aud: `${origin}/fhir/R4`,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const form = await go(new URL(`${origin}/oauth2/authorize?${query.toString()}`));
  let at = await go(form, { step: 'login', username: 'drill-doctor', password });
  if (at.origin === origin) at = await go(at, { step: 'consent', decision: 'allow' });
  const response = await fetch(`${origin}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: 'drill-app',
      code: at.searchParams.get('code') ?? '',
      redirect_uri: REDIRECT,
      code_verifier: verifier,
    }),
  });
  const { refresh_token: token } = (await response.json()) as { refresh_token?: string };
  if (token === undefined) throw new Error(`the log-in ended at ${at.origin}${at.pathname}`);
  return token;
}
