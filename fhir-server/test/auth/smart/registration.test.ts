/** Clients that register themselves. https://www.rfc-editor.org/rfc/rfc7591 */
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SignJWT, type JWK } from 'jose';
import { createInitialAccess } from '../../../src/auth/index.ts';
import { createPool, type Pool } from '../../../src/db/index.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import { authorize, authorizeUrl, redeem, tokens } from '../../support/app-flow.ts';
import { startTestSealer } from '../../support/audit.ts';
import { TestBrowser } from '../../support/browser.ts';
import { commandLine } from '../../support/command-line.ts';
import { APP, makeKey, MOST, register as send, SERVICE, type Key } from './registering.ts';
import { CLINIC, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
const register = (metadata: unknown, token: string | null = initial) => send(server, metadata, token);
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
  const refused = await cli.run(['registration', 'token', 'patient/*.sr']);
  expect([refused.code, refused.told]).toEqual([1, expect.stringContaining('scope')]);
}, 60_000);

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
