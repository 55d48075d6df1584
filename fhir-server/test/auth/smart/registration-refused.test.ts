/** Registrations that are refused, and how. https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createInitialAccess } from '../../../src/auth/index.ts';
import { createPool, type Pool } from '../../../src/db/index.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { APP, makeKey, MOST, register as send, SERVICE, type Answer } from './registering.ts';

let server: TestServer;
let pool: Pool;
let initial: string;

beforeAll(async () => {
  server = await startTestServer({ OAUTH_FAILURES_PER_MINUTE: '10000' });
  pool = createPool(loadConfig({ DATABASE_URL: server.databaseUrl, COOKIE_SECRET: 'x'.repeat(32) }));
  initial = await createInitialAccess(pool, { scope: MOST, uses: 1_000, days: 1 });
}, 30_000);
afterAll(async () => {
  await pool.end();
  await server.close();
});

const register = (metadata: unknown, token: string | null = initial) => send(server, metadata, token);

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
