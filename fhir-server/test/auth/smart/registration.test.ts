/** Clients that register themselves. https://www.rfc-editor.org/rfc/rfc7591 */
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose';
import { createInitialAccess } from '../../../src/auth/index.ts';
import { createPool, type Pool } from '../../../src/db/index.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import { authorize, authorizeUrl, redeem, tokens } from '../../support/app-flow.ts';
import { startTestSealer } from '../../support/audit.ts';
import { TestBrowser } from '../../support/browser.ts';
import { commandLine } from '../../support/command-line.ts';
import { CLINIC, startTestServer, type TestServer } from '../../support/server.ts';

const MOST =
  'openid fhirUser offline_access launch launch/patient patient/*.rs system/Patient.rs system/Observation.rs';

let server: TestServer;
let pool: Pool;
let initial: string;
let keyServer: Server;
let published: { keys: JWK[] };

beforeAll(async () => {
  keyServer = createServer((_request, response) => response.end(JSON.stringify(published)));
  await new Promise<void>((resolve) => keyServer.listen(0, '127.0.0.1', resolve));
  server = await startTestServer({ EGRESS_ALLOW_PRIVATE: 'true', OAUTH_FAILURES_PER_MINUTE: '10000' });
  pool = createPool(loadConfig({ DATABASE_URL: server.databaseUrl, COOKIE_SECRET: 'x'.repeat(32) }));
  initial = await createInitialAccess(pool, { scope: MOST, uses: 1_000, days: 1 });
  const managingOrganization = { reference: CLINIC };
  await server.fhir('PUT', 'Patient/p1', {
    body: { resourceType: 'Patient', id: 'p1', managingOrganization },
  });
}, 30_000);
afterAll(async () => {
  keyServer.close();
  await pool.end();
  await server.close();
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly client_id: string;
  readonly client_secret?: string;
  readonly scope: string;
  readonly error?: string;
  readonly [member: string]: unknown;
}

async function register(metadata: unknown, token: string | null = initial): Promise<Answer> {
  const response = await fetch(`${server.baseUrl}/oauth2/register`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
    },
    body: typeof metadata === 'string' ? metadata : JSON.stringify(metadata),
  });
  return {
    ...((await response.json()) as object),
    status: response.status,
    headers: response.headers,
  } as Answer;
}

const APP = {
  client_name: 'My app',
  redirect_uris: ['https://mine.example/callback'],
  token_endpoint_auth_method: 'none',
  scope: 'launch/patient patient/Patient.rs',
};
const SERVICE = {
  client_name: 'My service',
  grant_types: ['client_credentials'],
  scope: 'system/Patient.rs',
};

async function makeKey(alg: string, kid: string) {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { jwk: { ...(await exportJWK(publicKey)), kid, alg }, privateKey, alg, kid };
}
type Key = Awaited<ReturnType<typeof makeKey>>;

function serviceToken(clientId: string, { privateKey, alg, kid }: Key) {
  const assertion = new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg, kid, typ: 'JWT' })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(`${server.baseUrl}/oauth2/token`)
    .setExpirationTime('2m')
    .sign(privateKey);
  return assertion.then((client_assertion) =>
    tokens(server, {
      grant_type: 'client_credentials',
      scope: 'system/Patient.rs',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion,
    }),
  );
}

describe('A registered', () => {
  test('public app is answered with what it is, and can be used at once (smart 29) (smart 34).', async () => {
    const made = await register(APP);
    expect(made).toMatchObject({
      status: 201,
      client_id: expect.any(String),
      client_id_issued_at: expect.any(Number),
      scope: APP.scope,
      redirect_uris: APP.redirect_uris,
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    });
    expect(made).not.toHaveProperty('client_secret');
    expect(made.headers.get('cache-control')).toBe('no-store');
    const changes = { client_id: made.client_id, redirect_uri: APP.redirect_uris[0]!, scope: APP.scope };
    expect((await redeem(server, await authorize(server, 'doctor', changes), changes))['patient']).toBe('p1');
    const wrong = { ...changes, redirect_uri: 'https://mine.example/callback/' };
    expect((await new TestBrowser(server.baseUrl).go(authorizeUrl(server, wrong))).status).toBe(400);
  });

  test('confidential app has a secret, which is shown once and kept as its hash (smart 36).', async () => {
    for (const method of ['client_secret_basic', 'client_secret_post']) {
      const made = await register({ ...APP, token_endpoint_auth_method: method });
      const secret = made.client_secret!;
      expect([made['client_secret_expires_at'], secret.length]).toEqual([0, 43]);
      const { rows } = await pool.query<{ text: string }>(
        'select document::text as text from auth.clients where client_id = $1',
        [made.client_id],
      );
      expect(rows[0]?.text).not.toContain(secret);
      const changes = { client_id: made.client_id, redirect_uri: APP.redirect_uris[0]!, scope: APP.scope };
      const isBasic = method === 'client_secret_basic';
      const headers: Record<string, string> = isBasic
        ? { Authorization: `Basic ${btoa(`${made.client_id}:${secret}`)}` }
        : {};
      const own = isBasic ? changes : { ...changes, client_secret: secret };
      expect((await redeem(server, await authorize(server, 'doctor', changes), own, headers)).status).toBe(
        200,
      );
      const none = await redeem(server, await authorize(server, 'doctor', changes), changes);
      expect([none.status, none.error]).toEqual([401, 'invalid_client']);
    }
    const usual = await register({ client_name: 'x', redirect_uris: APP.redirect_uris, scope: APP.scope });
    expect(usual['token_endpoint_auth_method']).toBe('client_secret_basic');
  });

  test.each(['RS384', 'ES384'])(
    'backend service signs with its own key of %s (smart 29) (smart 32).',
    async (alg) => {
      const key = await makeKey(alg, 'one');
      const made = await register({ ...SERVICE, jwks: { keys: [key.jwk] } });
      expect(made).toMatchObject({
        status: 201,
        token_endpoint_auth_method: 'private_key_jwt',
        response_types: [],
      });
      expect(await serviceToken(made.client_id, key)).toMatchObject({
        status: 200,
        scope: 'system/Patient.rs',
      });
      const stranger = await makeKey(alg, 'one');
      expect((await serviceToken(made.client_id, stranger)).status).toBe(401);
    },
  );

  test('client whose keys are at a URL signs with those (smart 32).', async () => {
    const key = await makeKey('ES384', 'here');
    published = { keys: [key.jwk] };
    const jwks_uri = `http://127.0.0.1:${(keyServer.address() as AddressInfo).port}/keys`;
    const made = await register({ ...SERVICE, jwks_uri });
    expect(made).toMatchObject({ status: 201, jwks_uri });
    expect((await serviceToken(made.client_id, key)).status).toBe(200);
  });

  test('app of the user’s own device has a scheme or a port of its own (smart 30) (smart 35).', async () => {
    const redirect_uris = [
      'org.example.mine:/callback',
      'http://127.0.0.1/callback',
      'https://mine.example/app',
    ];
    const made = await register({ ...APP, application_type: 'native', redirect_uris });
    expect(made.status).toBe(201);
    for (const redirect_uri of [redirect_uris[0]!, 'http://127.0.0.1:49152/callback']) {
      const changes = { client_id: made.client_id, redirect_uri, scope: APP.scope };
      expect((await redeem(server, await authorize(server, 'patient', changes), changes)).status).toBe(200);
    }
    const other = { client_id: made.client_id, redirect_uri: 'http://127.0.0.1:49152/other' };
    expect((await new TestBrowser(server.baseUrl).go(authorizeUrl(server, other))).status).toBe(400);
  });

  test('app may have launch URLs and sites of its own (smart 31).', async () => {
    const more = {
      launch_uris: ['https://mine.example/launch'],
      initiate_login_uri: 'https://mine.example/start',
      cors_origins: ['https://pages.example'],
    };
    const made = await register({ ...APP, scope: 'launch patient/*.rs', ...more });
    expect(made['launch_uris']).toEqual(['https://mine.example/launch', 'https://mine.example/start']);
    expect(made['cors_origins']).toEqual(more.cors_origins);
  });

  test('client gets no more scopes than the token allows, and those of its kind alone (attack 38).', async () => {
    const everything =
      'patient/*.cruds patient/Patient.rs user/*.rs system/Patient.rs nonsense openid introspect';
    const app = await register({ ...APP, scope: everything });
    expect(app.scope).toBe('patient/Patient.rs openid');
    const { jwk } = await makeKey('ES384', 'x');
    const service = await register({ ...SERVICE, scope: everything, jwks: { keys: [jwk] } });
    expect(service.scope).toBe('system/Patient.rs');
    expect((await register({ ...APP, scope: undefined })).scope).not.toContain('system/');
  });

  test('client is never the clinic’s own, whatever it says of itself (attack 38).', async () => {
    const { client_id: id } = await register({
      ...APP,
      skipConsent: true,
      mayLaunch: true,
      clearance: ['R'],
      skip_consent: true,
    });
    const { rows } = await pool.query<{ document: object }>(
      'select document from auth.clients where client_id = $1',
      [id],
    );
    for (const name of ['skipConsent', 'mayLaunch', 'clearance'])
      expect(rows[0]?.document).not.toHaveProperty(name);
  });
});

describe('A registration is refused', () => {
  test('with 401 without a token that is good (smart 34).', async () => {
    const expired = await createInitialAccess(pool, { scope: MOST, uses: 1, days: 0 });
    for (const token of [null, 'made-up', expired, await server.token('system/*.cruds')]) {
      const answer = await register(APP, token);
      expect([answer.status, answer.error]).toEqual([401, 'invalid_token']);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
  });

  test('once the token is used up, also by several at once (smart 34).', async () => {
    const token = await createInitialAccess(pool, { scope: MOST, uses: 2, days: 1 });
    const answers = await Promise.all(Array.from({ length: 6 }, () => register(APP, token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 401, 401, 401, 401]);
    const { rows } = await pool.query('select 1 from auth.initial_access where uses_left < 0');
    expect(rows).toEqual([]);
  });

  test('and a refusal uses nothing up.', async () => {
    const token = await createInitialAccess(pool, { scope: MOST, uses: 1, days: 1 });
    expect((await register({ ...APP, redirect_uris: ['http://x.example/'] }, token)).status).toBe(400);
    expect((await register(APP, token)).status).toBe(201);
  });

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'https://*.mine.example/callback',
    'https://mine.example/callback#part',
    'https://user@mine.example/callback',
    'http://mine.example/callback',
    'http://localhost/callback',
    'org.example.mine:/callback',
    '/callback',
    7,
  ])('for a web app with the redirect %s (smart 35).', async (uri) => {
    const answer = await register({ ...APP, redirect_uris: ['https://mine.example/callback', uri] });
    expect([answer.status, answer.error]).toEqual([400, 'invalid_redirect_uri']);
  });

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'http://mine.example/callback',
    'myapp:/x',
  ])('for a native app with the redirect %s (smart 35).', async (uri) => {
    const answer = await register({ ...APP, application_type: 'native', redirect_uris: [uri] });
    expect([answer.status, answer.error]).toEqual([400, 'invalid_redirect_uri']);
  });

  test.each<[string, unknown]>([
    ['a body that is no JSON', '{'],
    ['a body that is no object', []],
    ['no name', { ...APP, client_name: undefined }],
    ['a name of two lines (attack 40)', { ...APP, client_name: 'a\r\nb' }],
    ['an implicit grant', { ...APP, grant_types: ['implicit'] }],
    ['an unknown grant', { ...APP, grant_types: ['authorization_code', 'password'] }],
    ['an app that is a service too', { ...APP, grant_types: ['authorization_code', 'client_credentials'] }],
    ['an implicit answer', { ...APP, response_types: ['code', 'token'] }],
    ['an unknown authentication', { ...APP, token_endpoint_auth_method: 'client_secret_jwt' }],
    ['no scope that may be registered', { ...APP, scope: 'user/*.cruds' }],
    ['scopes as a list', { ...APP, scope: ['openid'] }],
    ['a launch URL that is no page', { ...APP, launch_uris: ['org.example.mine:/launch'] }],
    ['a site that is no origin', { ...APP, cors_origins: ['null'] }],
    ['keys of a public app', { ...APP, jwks: { keys: [] } }],
    ['a service with a secret', { ...SERVICE, token_endpoint_auth_method: 'client_secret_basic' }],
    ['a service without keys', SERVICE],
    [
      'a service with a redirect',
      { ...SERVICE, redirect_uris: APP.redirect_uris, jwks_uri: 'https://x.example/' },
    ],
    ['keys at a URL without TLS', { ...SERVICE, jwks_uri: 'http://keys.example/jwks' }],
    ['keys twice', { ...SERVICE, jwks_uri: 'https://keys.example/jwks', jwks: { keys: [] } }],
    [
      'an algorithm that is not taken',
      { ...SERVICE, jwks_uri: 'https://x.example/', token_endpoint_auth_signing_alg: 'RS256' },
    ],
  ])('for %s (smart 34).', async (_title, metadata) => {
    const answer = await register(metadata);
    expect([answer.status, answer.error]).toEqual([400, 'invalid_client_metadata']);
    expect(answer['error_description']).toEqual(expect.any(String));
  });

  test('for keys that are private, symmetric, weak or without a kid (smart 33) (attack 36).', async () => {
    const { jwk, privateKey } = await makeKey('ES384', 'x');
    const { kid: _kid, ...anonymous } = jwk;
    const { x: _x, ...halved } = jwk;
    const weak = { kty: 'RSA', kid: 'weak', e: 'AQAB', n: Buffer.alloc(128, 255).toString('base64url') };
    const bad = [
      { ...(await exportJWK(privateKey)), kid: 'x' },
      { kty: 'oct', kid: 'x', k: 'c2VjcmV0' },
      anonymous,
      halved,
      weak,
    ];
    for (const key of bad) {
      const answer = await register({ ...SERVICE, jwks: { keys: [jwk, key] } });
      expect([answer.status, answer.error]).toEqual([400, 'invalid_client_metadata']);
    }
  });

  test('for a software statement, which nobody here can verify (smart 35).', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const statement = await new SignJWT({ software_id: 'x' })
      .setProtectedHeader({ alg: 'RS256' })
      .sign(privateKey);
    for (const software_statement of [statement, `${statement}x`, 'x', 7]) {
      const answer = await register({ ...APP, software_statement });
      expect([answer.status, answer.error]).toEqual([400, 'invalid_software_statement']);
    }
  });

  test('as anything but JSON, and by GET.', async () => {
    const url = `${server.baseUrl}/oauth2/register`;
    const headers = { Authorization: `Bearer ${initial}` };
    const form = await fetch(url, {
      method: 'POST',
      headers,
      body: new URLSearchParams({ client_name: 'x' }),
    });
    expect([form.status, ((await form.json()) as Answer).error]).toEqual([400, 'invalid_client_metadata']);
    expect((await fetch(url, { headers })).status).toBe(404);
  });
});

test('A token for registration is made on the command line, for scopes that there are (smart 29).', async () => {
  const cli = commandLine({ DATABASE_URL: server.databaseUrl });
  const { code, told } = await cli.run([
    'registration',
    'token',
    'launch/patient patient/*.rs',
    '--uses',
    '2',
    '--days',
    '1',
  ]);
  expect([code, told.trim()]).toEqual([0, expect.stringMatching(/^[\w-]{43}$/)]);
  expect((await register(APP, told.trim())).status).toBe(201);
  for (const args of [['patient/*.sr'], ['patient/*.rs', '--uses', '0'], ['patient/*.rs', '--what', '1'], []])
    expect((await cli.run(['registration', 'token', ...args])).code).not.toBe(0);
}, 30_000);

test('Registrations and refusals are told to the audit, without secrets.', async () => {
  const made = await register({
    ...APP,
    client_name: 'Audited',
    token_endpoint_auth_method: 'client_secret_basic',
  });
  await register({ ...APP, software_statement: 'x' });
  const sealer = startTestSealer(server);
  try {
    let text = '';
    for (
      let i = 0;
      i < 50 && !(text.includes(made.client_id) && text.includes('software statements'));
      i += 1
    ) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const found = await server.fhir('GET', 'AuditEvent?action=C&subtype=110129&_count=200&_sort=-date');
      text = await found.text();
    }
    expect(text).toContain(made.client_id);
    expect(text).toContain('software statements are not accepted');
    expect(text).not.toContain(made.client_secret);
    expect(text).not.toContain(initial);
  } finally {
    await sealer.stop();
  }
});
