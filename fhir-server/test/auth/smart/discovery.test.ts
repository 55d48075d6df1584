/** What an app can know before it asks, and from which sites it may ask. https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html */
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CapabilityStatement } from '@medplum/fhirtypes';
import { provisionAccounts } from '../../../src/auth/index.ts';
import { createPool } from '../../../src/db/index.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import { authorize, redeem } from '../../support/app-flow.ts';
import { CLINIC, startTestServer, type TestServer } from '../../support/server.ts';

interface Discovery {
  readonly issuer: string;
  readonly jwks_uri: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly introspection_endpoint: string;
  readonly revocation_endpoint: string;
  readonly capabilities: string[];
  readonly scopes_supported: string[];
  readonly [member: string]: unknown;
}

let server: TestServer;
let document: Discovery;

const ANYWHERE = 'https://elsewhere.example';
const EVERYTHING =
  'openid fhirUser profile offline_access online_access launch launch/patient launch/encounter patient/*.cruds user/*.cruds';

beforeAll(async () => {
  server = await startTestServer();
  const config = loadConfig({ DATABASE_URL: server.databaseUrl, COOKIE_SECRET: 'x'.repeat(32) });
  const pool = createPool(config);
  await provisionAccounts(pool, {
    users: [],
    clients: [
      { clientId: 'all', name: 'All', redirectUris: ['https://all.example/callback'], scope: EVERYTHING },
      {
        clientId: 'phone',
        name: 'Phone',
        redirectUris: ['org.example.phone:/callback', 'http://127.0.0.1/callback'],
        corsOrigins: ['https://pages.example'],
        scope: EVERYTHING,
      },
    ],
  });
  await pool.end();
  await server.fhir('PUT', 'Patient/p1', {
    body: { resourceType: 'Patient', id: 'p1', managingOrganization: { reference: CLINIC } },
  });
  document = (await (await discover()).json()) as Discovery;
}, 30_000);
afterAll(() => server.close());

const discover = (headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(`${server.fhirBase}/.well-known/smart-configuration`, { headers });

describe('The SMART configuration', () => {
  test('is JSON for everybody, whatever is accepted (smart 1) (smart 2).', async () => {
    for (const headers of [
      {},
      { Accept: '*/*' },
      { Accept: 'text/html' },
      { Accept: 'application/fhir+xml' },
    ]) {
      const answer = await discover(headers);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
    }
    const posted = await fetch(`${server.fhirBase}/.well-known/smart-configuration`, { method: 'POST' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test('has absolute addresses, which do not follow the Host of a request (smart 3) (smart 4).', async () => {
    const { hostname, port } = new URL(server.baseUrl);
    const text = await new Promise<string>((resolve, reject) => {
      const path = '/fhir/R4/.well-known/smart-configuration';
      const headers = {
        Host: 'evil.example',
        'X-Forwarded-Host': 'evil.example',
        'X-Forwarded-Proto': 'ftp',
      };
      httpRequest({ hostname, port, path, headers }, (response) => {
        response.setEncoding('utf8').once('data', resolve);
      })
        .once('error', reject)
        .end();
    });
    expect(JSON.parse(text)).toEqual(document);
    const addresses = Object.entries(document).filter(([name]) =>
      /_(endpoint|uri|bundle)$|^issuer$/.test(name),
    );
    expect(addresses.length).toBeGreaterThan(6);
    for (const [, address] of addresses) expect(address).toMatch(new RegExp(`^${server.baseUrl}/oauth2`));
  });

  test('lists what the server does (smart 5) (smart 6) (smart 7) (smart 8) (smart 11) (smart 12) (smart 13).', () => {
    expect(document).toMatchObject({
      issuer: `${server.baseUrl}/oauth2`,
      jwks_uri: `${server.baseUrl}/oauth2/jwks`,
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      code_challenge_methods_supported: ['S256'],
      response_types_supported: ['code'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    });
    expect(document.capabilities.every((capability) => typeof capability === 'string')).toBe(true);
  });

  test('agrees with that of OpenID Connect and with the CapabilityStatement.', async () => {
    const oidc = (await (
      await fetch(`${document.issuer}/.well-known/openid-configuration`)
    ).json()) as Discovery;
    for (const name of ['issuer', 'jwks_uri', 'authorization_endpoint', 'token_endpoint'])
      expect([name, oidc[name]]).toEqual([name, document[name]]);
    const statement = (await (await server.fhir('GET', 'metadata')).json()) as CapabilityStatement;
    const uris = statement.rest?.[0]?.security?.extension?.[0]?.extension?.map((e) => e.valueUri);
    expect(uris).toEqual([document.authorization_endpoint, document.token_endpoint]);
  });

  test.each(['authorization', 'token', 'introspection', 'revocation', 'registration'])(
    'names a %s endpoint that answers (smart 9).',
    async (name) => {
      const method = name === 'authorization' ? 'GET' : 'POST';
      const { status } = await fetch(document[`${name}_endpoint`] as string, { method });
      expect([400, 401]).toContain(status);
    },
  );

  test('names the page on which a user takes access back (smart 9).', async () => {
    const answer = await fetch(document['management_endpoint'] as string, { redirect: 'manual' });
    expect(answer.status).toBeLessThan(400);
  });

  test('lists scopes that can all be granted (smart 10).', async () => {
    const app = document.scopes_supported.filter((scope) => !scope.startsWith('system/'));
    const changes = { client_id: 'all', redirect_uri: 'https://all.example/callback' };
    const arrival = await authorize(server, 'patient', { ...changes, scope: app.join(' ') });
    // A launch that no EHR began leaves the scope without a meaning, and granted.
    expect((await redeem(server, arrival, changes)).scope.split(' ').sort()).toEqual(app.sort());
    expect(await server.token('system/*.cruds')).toMatch(/./);
  });

  const STANDALONE = [
    'launch-standalone',
    'client-public',
    'client-confidential-symmetric',
    'client-confidential-asymmetric',
    'sso-openid-connect',
    'context-standalone-patient',
    'permission-offline',
    'permission-patient',
    'authorize-post',
    'permission-v2',
    'permission-v1',
  ];
  const EHR = [
    'launch-ehr',
    'client-confidential-symmetric',
    'client-confidential-asymmetric',
    'sso-openid-connect',
    'context-banner',
    'context-style',
    'context-ehr-patient',
    'context-ehr-encounter',
    'permission-offline',
    'permission-user',
    'authorize-post',
    'permission-v2',
    'permission-v1',
  ];

  test('has the capabilities of a standalone launch and of one by an EHR (smart 16) (smart 17).', () => {
    expect(document.capabilities).toEqual(expect.arrayContaining([...STANDALONE, ...EHR]));
  });

  test('has no capability of which there is no test (smart 18).', () => {
    // Each of these is what a test of this folder, or one of tokens beside it, has in its title.
    const tested = new Set([...STANDALONE, ...EHR, 'permission-online', 'smart-app-state']);
    expect(document.capabilities.filter((capability) => !tested.has(capability))).toEqual([]);
  });
});

describe('Across sites', () => {
  test('discovery and metadata are open to any (smart 20).', async () => {
    const headers = { Origin: ANYWHERE };
    for (const answer of [
      await discover(headers),
      await server.fhir('GET', 'metadata', { headers, token: null }),
    ]) {
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });

  test('the token endpoint answers pages of the app, with what no cache may keep (smart 21) (smart 26).', async () => {
    const headers = { Origin: 'https://app.example' };
    const answer = await redeem(server, await authorize(server, 'patient'), {}, headers);
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, headers.Origin]);
    expect([answer.headers.get('cache-control'), answer.headers.get('pragma')]).toEqual([
      'no-store',
      'no-cache',
    ]);
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });

  test.each([
    ANYWHERE,
    'null',
    'http://app.example',
    'https://app.example:444',
    'https://app.example.evil.example',
    'https://sub.app.example',
  ])('but not those of %s (smart 23) (smart 25).', async (origin) => {
    const answer = await redeem(server, await authorize(server, 'patient'), {}, { Origin: origin });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([400, null]);
  });

  test('nor null for an app of the user’s own device, whose pages may be registered (smart 23).', async () => {
    const changes = { client_id: 'phone', redirect_uri: 'org.example.phone:/callback' };
    const ask = async (origin: string) => {
      const arrival = await authorize(server, 'patient', { ...changes, scope: 'patient/*.rs' });
      return redeem(server, arrival, changes, { Origin: origin });
    };
    expect((await ask('null')).headers.get('access-control-allow-origin')).toBeNull();
    const registered = await ask('https://pages.example');
    expect([registered.status, registered.headers.get('access-control-allow-origin')]).toEqual([
      200,
      'https://pages.example',
    ]);
  });

  test('records are open to whoever has a token, and no cookie counts (smart 22) (smart 25).', async () => {
    const answer = await server.fhir('GET', 'Patient/p1', { headers: { Origin: 'https://app.example' } });
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    const cookie = { Origin: ANYWHERE, Cookie: 'session=x' };
    expect((await server.fhir('GET', 'Patient/p1', { headers: cookie, token: null })).status).toBe(401);
  });

  test('questions before a request are answered, with what may be sent and seen (smart 24).', async () => {
    const ask = (url: string) =>
      fetch(url, {
        method: 'OPTIONS',
        headers: {
          Origin: 'https://app.example',
          'Access-Control-Request-Method': 'POST',
          'Access-Control-Request-Headers': 'authorization, content-type, if-match, if-none-exist, prefer',
        },
      });
    for (const url of [`${server.fhirBase}/Patient`, document.token_endpoint]) {
      const answer = await ask(url);
      expect(answer.status).toBe(204);
      const allowed = answer.headers.get('access-control-allow-headers')?.toLowerCase().split(/, */);
      expect(allowed).toEqual(
        expect.arrayContaining(['authorization', 'content-type', 'if-match', 'if-none-exist', 'prefer']),
      );
    }
    const read = await server.fhir('GET', 'Patient/p1', { headers: { Origin: ANYWHERE } });
    expect(read.headers.get('access-control-expose-headers')?.split(', ')).toEqual(
      expect.arrayContaining([
        'ETag',
        'Location',
        'Content-Location',
        'WWW-Authenticate',
        'Retry-After',
        'X-Progress',
      ]),
    );
  });
});
