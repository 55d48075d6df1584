/** Every road beside FHIR is in a table, with who may take it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ROUTES as ADMIN_ROUTES } from '../../src/admin/routes.ts';
import { createSecondFactorHandlers } from '../../src/auth/account/second-factor-handlers.ts';
import { type Cast, startCast } from './cast.ts';

const source = resolve(import.meta.dirname, '../../src');
const read = (path: string): string => readFileSync(join(source, path), 'utf8');

let cast: Cast;
beforeAll(async () => {
  cast = await startCast();
}, 40_000);
afterAll(() => cast.server.close());

describe('The roads beside FHIR are those of the table', () => {
  /** Mount points and addresses of the whole server. */
  const APP: Readonly<Record<string, string>> = {
    "use '/oauth2'": 'the table below',
    "use '/admin'": 'scopes admin/…, the table below',
    "use '/apps'": 'public: built pages without data',
    "get '/'": 'public: leads to the pages',
    "get '/livez'": 'public: whether it runs',
    "get '/readyz'": 'public: whether it is ready',
  };
  const OAUTH: Readonly<Record<string, string>> = {
    "all '/interaction/:uid'": 'cookie of the browser that began, and the form’s own token',
    "delete '/apps/:clientId/access'": 'account/apps.write, of its own user alone',
    "get '/account/callback'": 'log-in session',
    "get '/apps'": 'token of a user; names of apps and what they ask for',
    "get '/apps/:clientId/logo'": 'public: a picture of a registered app',
    "get '/apps/access'": 'account/apps.read, of its own user alone',
    "get '/federation/:provider/callback'": 'state of the browser that began',
    "get '/federation/logged-out'": 'public: a page without data',
    "get '/jwks'": 'public: keys to verify with',
    "get '/launch-context/apps'": 'token of an EHR that may launch',
    "get 'BRANDS_PATH'": 'public: brands',
    "get 'PASSKEY_SCRIPT'": 'public: a script without data',
    "get 'stylePath'": 'public: style',
    "post '/authorize'": 'as the authorization endpoint',
    "post '/introspect'": 'client authentication, or a token for itself',
    "post '/launch-context'": 'token of an EHR that may launch',
    "post '/register'": 'initial access token',
    "use '/account'": 'log-in session and the form’s own token, the table below',
    "use '/federation'": 'headers alone',
    "use '/interaction'": 'headers alone',
    "use '/launch-context'": 'headers alone',
    'use open': 'headers alone',
    'use signing': 'the provider, the table below',
  };
  const PROVIDER: Readonly<Record<string, string>> = {
    authorization: 'log-in and consent',
    token: 'client authentication, or PKCE for public clients',
    introspection: 'client authentication',
    revocation: 'client authentication, or the public client whose token it is',
    jwks: 'public: keys to verify with',
    end_session: 'log-in session',
  };
  const ACCOUNT =
    'get |get /linked|get /password|get /second-factor|post /apps/revoke|post /link|post /password|post /second-factor/passkey|post /second-factor/recovery-codes|post /second-factor/remove-passkey|post /second-factor/remove-totp|post /second-factor/totp|post /sessions/end|post /sessions/end-all|post /unlink'.split(
      '|',
    );
  const ADMIN: readonly string[] = [
    'DELETE /clients/:id admin/clients.write',
    'DELETE /grants/:id admin/grants.write',
    'DELETE /jobs/:id admin/jobs.write',
    'DELETE /policies/:id admin/policies.write',
    'GET /clients admin/clients.read',
    'GET /clients/:id admin/clients.read',
    'GET /grants admin/grants.read',
    'GET /jobs admin/jobs.read',
    'GET /metrics admin/metrics.read',
    'GET /packages admin/packages.read',
    'GET /policies admin/policies.read',
    'GET /policies/:id admin/policies.read',
    'GET /subscriptions admin/subscriptions.read',
    'GET /users admin/users.read',
    'GET /users/:id admin/users.read',
    'POST /access-check admin/access.read',
    'POST /clients admin/clients.write',
    'POST /clients/:id/secret admin/clients.write',
    'POST /packages admin/packages.write',
    'POST /subscriptions/:id/replay admin/subscriptions.write',
    'POST /users admin/users.write',
    'POST /users/:id/end-sessions admin/users.write',
    'POST /users/:id/reset-second-factor admin/users.write',
    'POST /users/:id/temporary-password admin/users.write',
    'PUT /clients/:id admin/clients.write',
    'PUT /policies/:id admin/policies.write',
    'PUT /users/:id admin/users.write',
  ];
  /** Files that answer requests by themselves, and who asks for the decision in them. */
  const ENDPOINTS: Readonly<Record<string, string>> = {
    'binary-endpoint.ts': 'loadCurrent and permit',
    'bulk-endpoint.ts': 'the job’s own client and user, exportRight',
    'fhir-endpoint.ts': 'dispatch, the table above',
    'state-endpoint.ts': 'permit, and codes that the app is registered for',
  };

  const filesOf = (folder: string): string[] =>
    readdirSync(join(source, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`);
  /** Addresses given to Express, as they stand in the text. */
  const addresses = (folder: string): string[] =>
    filesOf(folder).flatMap((file) =>
      [
        ...read(file).matchAll(
          /\b(?:router|app)\.(get|post|put|patch|delete|all|use)\(\s*('[^']*'|[A-Za-z_]+\b(?!\())?(stylePath)?/g,
        ),
      ].flatMap(([, method, literal, call]) =>
        call === undefined && literal === undefined ? [] : [`${method} ${literal ?? `'${call}'`}`],
      ),
    );

  test('at the root.', () => {
    const found = addresses('http').filter((road) => road.includes("'"));
    expect([...new Set(found)].sort()).toEqual(Object.keys(APP).sort());
    expect(
      filesOf('http')
        .filter((file) => file.endsWith('-endpoint.ts'))
        .map((file) => file.slice('http/'.length))
        .sort(),
    ).toEqual(Object.keys(ENDPOINTS).sort());
  });

  test('below /oauth2.', () => {
    const named = addresses('auth').map((road) => road.replace(/^(get|post) ([A-Z_]+)$/, "$1 '$2'"));
    expect([...new Set(named)].sort()).toEqual(Object.keys(OAUTH).sort());
    const routes = /routes: \{([^}]*)\}/.exec(read('auth/provider.ts'))?.[1] ?? '';
    expect([...routes.matchAll(/(\w+): '/g)].map(([, name]) => name).sort()).toEqual(
      Object.keys(PROVIDER).sort(),
    );
  });

  test('of the account pages, each behind the session.', () => {
    const own = [...read('auth/account/account-router.ts').matchAll(/\['(get|post)', '([^']*)'/g)].map(
      ([, method, path]) => `${method} ${path}`,
    );
    const factors = Object.entries(createSecondFactorHandlers()).map(
      ([path, [method]]) => `${method} /second-factor${path}`,
    );
    expect([...own, ...factors].sort()).toEqual(ACCOUNT);
  });

  test('below /admin, each with its scope.', () => {
    expect(ADMIN_ROUTES.map(({ method, path, scope }) => `${method} ${path} ${scope}`).sort()).toEqual(ADMIN);
  });

  test('and without a right to it none of them answers an app.', async () => {
    const base = cast.server.baseUrl;
    const status = async (method: string, path: string): Promise<number> => {
      const headers = { Authorization: `Bearer ${cast.app}`, 'Content-Type': 'application/json' };
      const response = await fetch(`${base}${path}`, {
        method,
        headers,
        redirect: 'manual',
        ...(method === 'GET' ? {} : { body: '{}' }),
      });
      await response.text();
      return response.status;
    };
    for (const { method, path } of ADMIN_ROUTES)
      expect([path, await status(method, `/admin${path.replace(':id', 'x')}`)]).toEqual([path, 403]);
    expect(await status('POST', '/oauth2/register')).toBe(401);
    for (const path of [
      '/oauth2/launch-context/apps',
      '/oauth2/apps/access',
      '/oauth2/account',
      '/oauth2/interaction/x',
      `/fhir/R4/bulk/${'x'.repeat(32)}`,
      '/app-state/Basic?subject=Patient/p2',
    ])
      expect([path, (await status('GET', path)) >= 300]).toEqual([path, true]);
    expect(await status('POST', '/oauth2/launch-context')).toBeGreaterThanOrEqual(400);
    expect(await status('DELETE', '/oauth2/apps/ehr/access')).toBe(403);
    for (const path of [
      '/admin',
      '/.env',
      '/oauth2',
      '/oauth2/me',
      '/fhir',
      '/metrics',
      '/debug',
      '/graphql',
    ])
      expect([path, (await status('GET', path)) >= 300]).toEqual([path, true]);
  });
});
