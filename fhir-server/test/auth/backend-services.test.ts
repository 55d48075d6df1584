/** SMART Backend Services, and what ends a token. https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { provisionAccounts } from '../../src/auth/index.ts';
import { createPool, type Pool } from '../../src/db/index.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { REDIRECT, startTestServer, type TestServer } from '../support/server.ts';

const SECRET = 'a secret of many letters';
let server: TestServer;
let pool: Pool;
const keys = new Map<string, CryptoKey>();

beforeAll(async () => {
  server = await startTestServer();
  pool = createPool(
    loadConfig({ DATABASE_URL: server.databaseUrl, COOKIE_SECRET: 'a secret that is long enough for tests' }),
  );
  const published: JWK[] = [];
  for (const alg of ['RS384', 'ES384', 'RS256']) {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    keys.set(alg, privateKey);
    published.push({ ...(await exportJWK(publicKey)), kid: alg, alg, use: 'sig' });
  }
  await provisionAccounts(pool, {
    users: [],
    clients: [
      {
        clientId: 'signed',
        name: 'Signed',
        scope: 'system/Patient.rs system/Observation.r',
        jwks: { keys: published },
      },
      {
        clientId: 'both',
        name: 'Both',
        scope: 'system/Patient.rs',
        secret: SECRET,
        jwks: { keys: published },
      },
      { clientId: 'secret', name: 'Secret', scope: 'system/Patient.rs', secret: SECRET },
    ],
  });
}, 30_000);
afterAll(async () => {
  await pool.end();
  await server.close();
});

interface Changes {
  readonly alg?: string;
  readonly iss?: string;
  readonly aud?: string;
  readonly seconds?: number;
  readonly key?: string;
  readonly jti?: string;
}

function assertion(changes: Changes = {}): Promise<string> {
  const { alg = 'RS384', iss = 'signed', aud = `${server.baseUrl}/oauth2/token`, seconds = 240 } = changes;
  return new SignJWT({})
    .setProtectedHeader({ alg, kid: changes.key ?? alg, typ: 'JWT' })
    .setIssuer(iss)
    .setSubject(iss)
    .setAudience(aud)
    .setJti(changes.jti ?? randomUUID())
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
    .sign(keys.get(changes.key ?? alg)!);
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

async function post(
  path: string,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await fetch(`${server.baseUrl}/oauth2/${path}`, {
    method: 'POST',
    headers,
    body: new URLSearchParams(form),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
  };
}

const withAssertion = (signed: string, scope: string | undefined = 'system/Patient.rs'): Promise<Answer> =>
  post('token', {
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: signed,
    ...(scope === '' ? {} : { scope }),
  });

test.each(['RS384', 'ES384'])(
  'A key of %s gives a token of five minutes and no refresh token.',
  async (alg) => {
    const { status, body } = await withAssertion(await assertion({ alg }));
    expect([status, body['expires_in'], body['scope'], body['refresh_token']]).toEqual([
      200,
      300,
      'system/Patient.rs',
      undefined,
    ]);
  },
);

test('Of the scopes asked for only the registered ones are given.', async () => {
  const scope = 'system/Patient.rs system/Observation.rs system/Observation.r system/*.cruds user/Patient.rs';
  const { body } = await withAssertion(await assertion(), scope);
  expect(body['scope']).toBe('system/Patient.rs system/Observation.r');
  const token = String(body['access_token']);
  expect((await server.fhir('GET', 'Patient', { token })).status).toBe(200);
  expect((await server.fhir('GET', 'Observation', { token })).status).toBe(403);
  const none = await withAssertion(await assertion(), 'system/Condition.rs');
  expect([none.status, none.body['error']]).toEqual([400, 'invalid_scope']);
  const missing = await withAssertion(await assertion(), '');
  expect([missing.status, missing.body['error']]).toEqual([400, 'invalid_scope']);
});

test('Of six uses of one assertion at once exactly one succeeds.', async () => {
  const signed = await assertion();
  const answers = await Promise.all(Array.from({ length: 6 }, () => withAssertion(signed)));
  expect(answers.filter((a) => a.status === 200)).toHaveLength(1);
  expect((await withAssertion(signed)).body['error']).toBe('invalid_client');
});

describe('Refused is an assertion', () => {
  test.each<[string, Changes]>([
    ['for another audience', { aud: 'https://evil.example/token' }],
    ['good for more than five minutes', { seconds: 900 }],
    ['that has expired', { seconds: -120 }],
    ['of an unknown client', { iss: 'nobody' }],
    ['signed with RS256', { alg: 'RS256' }],
  ])('%s', async (_title, changes) => {
    const { status, body } = await withAssertion(await assertion(changes));
    expect([400, 401]).toContain(status);
    expect(body['error']).toBe('invalid_client');
  });
});

const BASIC = (id: string) => ({ Authorization: `Basic ${btoa(`${id}:${encodeURIComponent(SECRET)}`)}` });
const ASK = { grant_type: 'client_credentials', scope: 'system/Patient.rs' };

test('A secret is taken from the header and from the body.', async () => {
  expect((await post('token', ASK, BASIC('secret'))).status).toBe(200);
  const inBody = (secret: string) => post('token', { ...ASK, client_id: 'secret', client_secret: secret });
  expect((await inBody(SECRET)).status).toBe(200);
  expect((await inBody('wrong')).status).toBe(401);
});

test('A client with keys and a secret may use either.', async () => {
  expect((await post('token', ASK, BASIC('both'))).status).toBe(200);
  expect((await withAssertion(await assertion({ iss: 'both' }))).status).toBe(200);
});

test('A token that has expired is refused, and one whose client is gone at once.', async () => {
  const token = async (): Promise<string> =>
    String((await post('token', ASK, BASIC('secret'))).body['access_token']);
  const expired = await token();
  await pool.query(
    `update auth.oidc set expires_at = now() - interval '1 second' where model = 'ClientCredentials'`,
  );
  expect((await server.fhir('GET', 'Patient', { token: expired })).status).toBe(401);
  const { body } = await withAssertion(await assertion({ iss: 'both' }));
  const orphan = String(body['access_token']);
  expect((await server.fhir('GET', 'Patient', { token: orphan })).status).toBe(200);
  await pool.query(`delete from auth.clients where client_id = 'both'`);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect((await server.fhir('GET', 'Patient', { token: orphan })).status).toBe(401);
});

test('A revoked token is introspected as not active, and anonymous introspection is refused.', async () => {
  const { body } = await post('token', ASK, BASIC('secret'));
  const form = { token: String(body['access_token']) };
  expect((await post('introspect', form, BASIC('secret'))).body).toMatchObject({
    active: true,
    client_id: 'secret',
  });
  expect((await post('revoke', form, BASIC('secret'))).status).toBe(200);
  expect((await post('introspect', form, BASIC('secret'))).body).toEqual({ active: false });
  expect((await post('introspect', form)).status).toBeGreaterThanOrEqual(400);
});

test('Only origins of registered redirects may ask for tokens from a page.', async () => {
  const ask = (origin: string) =>
    post(
      'token',
      { grant_type: 'authorization_code', client_id: 'app', code: 'x', redirect_uri: REDIRECT },
      { Origin: origin },
    );
  expect((await ask('https://app.example')).headers.get('access-control-allow-origin')).toBe(
    'https://app.example',
  );
  expect((await ask('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
});
