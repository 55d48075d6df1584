/** Administrators of the tests: people with the console app, services with some or all admin scopes. */
import { createHash, randomBytes } from 'node:crypto';
import { ADMIN_SCOPES, provisionAccounts } from '../../src/auth/index.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPool } from '../../src/db/index.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { TestBrowser } from './browser.ts';
import { PASSWORD, REDIRECT, startTestServer, type TestServer } from './server.ts';

const SECRET = 'secret-of-the-services-of-the-tests';
const ALL = ADMIN_SCOPES.join(' ');

/** Users `boss` and `deputy`; app `console`; services `robot` with all admin scopes, `clerk` with some, `reader` with none. */
export async function provisionAdministrators({ databaseUrl }: TestServer): Promise<void> {
  const pool = createPool(loadConfig({ DATABASE_URL: databaseUrl, COOKIE_SECRET: 'x'.repeat(32) }));
  const user = (username: string, role: string, fhirUser: string) => ({ username, password: PASSWORD, role, fhirUser }); // prettier-ignore
  const service = (clientId: string, scope: string) => ({ clientId, name: clientId, secret: SECRET, scope });
  await provisionAccounts(pool, {
    users: [user('boss', 'admin', 'Practitioner/boss'), user('deputy', 'admin', 'Practitioner/deputy')],
    clients: [
      {
        clientId: 'console',
        name: 'Console',
        redirectUris: [REDIRECT],
        scope: `openid fhirUser offline_access user/*.cruds ${ALL}`,
        skipConsent: true,
      },
      service('robot', `system/*.rs ${ALL}`),
      service('clerk', 'admin/users.read admin/users.write admin/clients.write admin/policies.write'),
      service('reader', 'system/*.cruds'),
    ],
  });
  await pool.end();
}

export interface Tokens {
  readonly access_token?: string;
  readonly refresh_token?: string;
  readonly scope?: string;
  readonly error?: string;
}

async function post(server: TestServer, form: Record<string, string>, headers = {}): Promise<Tokens> {
  const body = new URLSearchParams(form);
  const response = await fetch(`${server.baseUrl}/oauth2/token`, { method: 'POST', headers, body });
  return (await response.json()) as Tokens;
}

export const serviceTokens = (server: TestServer, clientId: string, scope: string, secret = SECRET): Promise<Tokens> =>
  post(server, { grant_type: 'client_credentials', scope }, { Authorization: `Basic ${btoa(`${clientId}:${secret}`)}` }); // prettier-ignore

/** By logging in to the console; of a log-in that is refused there are none. */
export async function consoleTokens(
  server: TestServer,
  username: string,
  scope: string,
  password = PASSWORD,
): Promise<Tokens> {
  const verifier = randomBytes(32).toString('base64url');
  const browser = new TestBrowser(server.baseUrl);
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: 'console',
    redirect_uri: REDIRECT,
    scope,
    state: 'x',
    aud: server.fhirBase,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const page = await browser.go(`/oauth2/authorize?${query.toString()}`);
  const at = await browser.go(page.url.href, { step: 'login', username, password });
  const code = at.url.searchParams.get('code');
  if (code === null) return { error: at.url.searchParams.get('error') ?? `page ${at.status}` };
  return post(server, {
    grant_type: 'authorization_code',
    client_id: 'console',
    code,
    redirect_uri: REDIRECT,
    code_verifier: verifier,
  });
}

export const refreshed = (server: TestServer, token: string | undefined): Promise<Tokens> =>
  post(server, { grant_type: 'refresh_token', client_id: 'console', refresh_token: token ?? '' });

export interface AdminAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A request to the admin API with a token. */
export async function adminRequest(
  server: TestServer,
  token: string | undefined,
  method: string,
  path: string,
  {
    body,
    headers = {},
  }: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<AdminAnswer> {
  const response = await fetch(`${server.baseUrl}/admin${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? {} : (JSON.parse(text) as Readonly<Record<string, unknown>>),
  };
}

export interface Administration {
  readonly server: TestServer;
  /** Tokens of `boss` with all admin scopes, and of services. */
  readonly tokens: { boss: string; readonly robot: string; readonly clerk: string };
  readonly call: (token: string | undefined, method: string, path: string, options?: AdminOptions) => Promise<AdminAnswer>; // prettier-ignore
  readonly asBoss: (method: string, path: string, options?: AdminOptions) => Promise<AdminAnswer>;
  readonly userId: (username: string) => Promise<string>;
  readonly isAlive: (token: string | undefined) => Promise<boolean>;
  /** Another process is told of a change a moment after it: whether the FHIR API answers so within a second. */
  readonly answersSoon: (token: string | undefined, path: string, status: number) => Promise<boolean>;
  readonly bossAgain: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export type AdminOptions = Parameters<typeof adminRequest>[4];

const ADMIN = ADMIN_SCOPES.join(' ');

export async function startAdministration(
  env: Readonly<Record<string, string>> = {},
): Promise<Administration> {
  const server = await startTestServer(env);
  await provisionAdministrators(server);
  const boss = async (): Promise<string> => (await consoleTokens(server, 'boss', ADMIN)).access_token ?? '';
  const service = async (id: string, scope: string): Promise<string> =>
    (await serviceTokens(server, id, scope)).access_token ?? '';
  const tokens = {
    boss: await boss(),
    robot: await service('robot', ADMIN),
    clerk: await service('clerk', 'admin/users.write admin/clients.write admin/policies.write'),
  };
  const call: Administration['call'] = (token, method, path, options) =>
    adminRequest(server, token, method, path, options);
  const asBoss: Administration['asBoss'] = (method, path, options) =>
    call(tokens.boss, method, path, options);
  const status = async (token: string | undefined, path: string): Promise<number> =>
    (await server.fhir('GET', path, { token: token ?? 'none' })).status;
  return {
    server,
    tokens,
    call,
    asBoss,
    async userId(username) {
      const { body } = await asBoss('GET', `/users?username=${username}`);
      return (body['users'] as { id: string }[])[0]?.id ?? '';
    },
    isAlive: async (token) => (await status(token, 'Patient?_count=0')) !== 401,
    async answersSoon(token, path, wanted) {
      for (const end = Date.now() + 1_000; Date.now() < end; await sleep(10))
        if ((await status(token, path)) === wanted) return true;
      return false;
    },
    async bossAgain() {
      tokens.boss = await boss();
    },
    close: () => server.close(),
  };
}

export const ifMatch = (answer: AdminAnswer) => ({ 'If-Match': answer.headers.get('etag') ?? '' });

/** The places that an OperationOutcome names. */
export const places = ({ body }: AdminAnswer): string[] =>
  (body['issue'] as { expression?: string[] }[]).flatMap(({ expression = [] }) => expression);
