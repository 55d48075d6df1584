/** SMART Backend Services: tokens for who signs. https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html */
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { base64url, UnsecuredJWT, SignJWT, type JWK } from 'jose';
import type { Pool } from '../../../src/db/index.ts';
import {
  asserted,
  basic,
  CLIENT_SECRET,
  makeKey,
  poolOf,
  post,
  provision,
  signAssertion,
  type AssertionChanges,
  type OAuthAnswer,
  type TestKey,
} from '../../support/oauth-caller.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let pool: Pool;
let rsa: TestKey;
let ec: TestKey;
let strange: TestKey;
let publisher: Server;
/** What the registered URL answers, and how often it was asked. */
const published: { keys: JWK[]; cacheControl: string | undefined; asked: number } = {
  keys: [],
  cacheControl: 'max-age=600',
  asked: 0,
};
let jwksUri: string;

/** Odd, and of 4096 bits: each verification would take as long as signing does. */
const hugeExponent = (key: JWK): JWK => ({
  ...key,
  kid: 'huge-e',
  e: base64url.encode(Buffer.alloc(512, 0xff)),
});

beforeAll(async () => {
  publisher = createServer((_request, response) => {
    published.asked += 1;
    if (published.cacheControl !== undefined) response.setHeader('Cache-Control', published.cacheControl);
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ keys: published.keys }));
  });
  await new Promise<void>((resolve) => publisher.listen(0, '127.0.0.1', resolve));
  jwksUri = `http://127.0.0.1:${(publisher.address() as AddressInfo).port}/jwks`;
  [server, rsa, ec, strange] = await Promise.all([
    startTestServer({ EGRESS_ALLOW_PRIVATE: 'true' }),
    makeKey('RS384', 'rsa'),
    makeKey('ES384', 'ec'),
    makeKey('ES384', 'ec'),
  ]);
  pool = poolOf(server);
  const oversize = { ...rsa.publicJwk, kid: 'oversize', n: base64url.encode(Buffer.alloc(1025, 0xff)) };
  const keys = [rsa.publicJwk, ec.publicJwk, hugeExponent(rsa.publicJwk), oversize];
  const scope = 'system/Patient.rs system/Observation.r';
  await provision(pool, {
    clients: [
      { clientId: 'signed', name: 'Signed', scope, jwks: { keys } },
      { clientId: 'other', name: 'Other', scope, jwks: { keys: [strange.publicJwk] } },
      { clientId: 'remote', name: 'Remote', scope, jwksUri },
      { clientId: 'both', name: 'Both', scope, secret: CLIENT_SECRET, jwks: { keys } },
      { clientId: 'secret', name: 'Secret', scope, secret: CLIENT_SECRET },
      { clientId: 'nobody-knows', name: 'Registered without secret and keys', scope },
    ],
  });
}, 30_000);
afterAll(async () => {
  publisher.close();
  await pool.end();
  await server.close();
});

const ask = (assertion: string, form: Readonly<Record<string, string>> = {}): Promise<OAuthAnswer> =>
  post(server, 'token', {
    grant_type: 'client_credentials',
    scope: 'system/Patient.rs',
    ...asserted(assertion),
    ...form,
  });

const signed = (key: TestKey, changes: AssertionChanges = {}, clientId = 'signed'): Promise<string> =>
  signAssertion(server, clientId, key, changes);

const outcome = ({ status, body }: OAuthAnswer): unknown[] => [status, body['error']];
const REFUSED = [401, 'invalid_client'];

test('A key of RS384 or ES384 gives a token of five minutes, its scope, and no refresh token (smart 105) (smart 87) (smart 114)', async () => {
  for (const key of [rsa, ec]) {
    const { status, headers, body } = await ask(await signed(key));
    expect([status, body['expires_in'], body['scope'], body['refresh_token'], body['token_type']]).toEqual([
      200,
      300,
      'system/Patient.rs',
      undefined,
      'Bearer',
    ]);
    expect([headers.get('cache-control'), headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
    const token = String(body['access_token']);
    expect((await server.fhir('GET', 'Patient', { token })).status).toBe(200);
  }
});

test('A grant type that is not there, or not for this client, has its own error (smart 106)', async () => {
  expect(outcome(await ask(await signed(rsa), { grant_type: 'not_a_grant_type' }))).toEqual([
    400,
    'unsupported_grant_type',
  ]);
  const code = { grant_type: 'authorization_code', code: 'x', redirect_uri: 'https://a.example/' };
  expect(outcome(await ask(await signed(rsa), code))).toEqual([400, 'unauthorized_client']);
});

test('Another client_assertion_type, or none, is refused (smart 107)', async () => {
  const other = await ask(await signed(rsa), { client_assertion_type: 'urn:something:else' });
  expect(outcome(other)).toEqual([400, 'invalid_request']);
  const { client_assertion: assertion } = asserted(await signed(rsa));
  const none = { grant_type: 'client_credentials', scope: 'system/Patient.rs', client_assertion: assertion! };
  expect(outcome(await post(server, 'token', none))).toEqual([400, 'invalid_request']);
});

describe('Refused as invalid_client is an assertion', () => {
  test('that is malformed, or signed by a key of another client under the same kid (smart 108) (attack 36)', async () => {
    for (const bad of ['not-a-jwt', 'a.b.c', `${await signed(rsa)}x`])
      expect(outcome(await ask(bad))).toEqual(REFUSED);
    expect(outcome(await ask(await signed(strange)))).toEqual(REFUSED);
    expect(outcome(await ask(await signed(ec, {}, 'other')))).toEqual(REFUSED);
  });

  test.each<[string, AssertionChanges]>([
    ['whose iss is not its sub', { iss: 'other', sub: 'signed' }],
    ['of an unknown client', { iss: 'nobody' }],
    ['for another audience', { aud: 'https://evil.example/token' }],
    ['for the issuer, which is not the token endpoint', { aud: 'set below' }],
    ['for several audiences', { aud: ['set below', 'https://evil.example/token'] }],
    ['good for an hour', { expiresIn: 3_600 }],
    ['good for six minutes', { expiresIn: 360 }],
    ['that has expired', { expiresIn: -120 }],
    ['without a kid', { header: { kid: undefined as unknown as string } }],
    ['with an unknown kid', { header: { kid: 'nobody-has-it' } }],
    ['with another typ', { header: { typ: 'at+jwt' } }],
    ['without a typ', { header: { typ: undefined as unknown as string } }],
    ['with a jku that is not registered', { header: { jku: 'https://evil.example/jwks' } }],
    ['with a critical header that nobody knows', { header: { crit: ['x'], x: 1 } }],
  ])('%s (smart 109) (smart 110) (smart 112) (attack 36)', async (_title, changes) => {
    const { aud } = changes;
    const own = typeof aud === 'string' ? `${server.baseUrl}/oauth2` : `${server.baseUrl}/oauth2/token`;
    const audience = [aud ?? []].flat().map((each) => (each === 'set below' ? own : each));
    const real = aud === undefined ? {} : { aud: typeof aud === 'string' ? audience[0]! : audience };
    const assertion = await signAssertionWith({ ...changes, ...real });
    expect(outcome(await ask(assertion))).toEqual(REFUSED);
  });

  test('with alg none, HS256 or RS256 (smart 109) (attack 36)', async () => {
    const claims = {
      iss: 'signed',
      sub: 'signed',
      aud: `${server.baseUrl}/oauth2/token`,
      exp: Math.floor(Date.now() / 1000) + 60,
    };
    const none = new UnsecuredJWT(claims).setJti(randomUUID()).encode();
    const withHeader = (header: object): string =>
      [base64url.encode(JSON.stringify(header)), ...none.split('.').slice(1)].join('.');
    expect(outcome(await ask(none))).toEqual(REFUSED);
    expect(outcome(await ask(withHeader({ alg: 'none', kid: 'rsa', typ: 'JWT' })))).toEqual(REFUSED);
    const secret = new TextEncoder().encode(JSON.stringify(rsa.publicJwk));
    const hs256 = new SignJWT({ ...claims, jti: randomUUID() }).setProtectedHeader({
      alg: 'HS256',
      kid: 'rsa',
      typ: 'JWT',
    });
    expect(outcome(await ask(await hs256.sign(secret)))).toEqual(REFUSED);
    const weaker = await makeKey('RS256', 'rsa');
    const rs256 = new SignJWT({ ...claims, jti: randomUUID() }).setProtectedHeader({
      alg: 'RS256',
      kid: 'rsa',
      typ: 'JWT',
    });
    expect(outcome(await ask(await rs256.sign(weaker.privateKey)))).toEqual(REFUSED);
  });

  test('with a key in its own header (attack 36)', async () => {
    const own = { jwk: strange.publicJwk } as AssertionChanges['header'];
    expect(outcome(await ask(await signed(strange, { header: own ?? {} })))).toEqual(REFUSED);
  });

  test('by a key with a huge exponent or modulus, however long that would take to verify (attack 36)', async () => {
    const began = Date.now();
    for (const kid of ['huge-e', 'oversize'])
      expect(outcome(await ask(await signed(rsa, { header: { kid } })))).toEqual(REFUSED);
    expect(Date.now() - began).toBeLessThan(3_000);
  });

  test('whose audience is the host that was sent (attack 35)', async () => {
    const assertion = await signed(rsa, { aud: 'https://evil.example/oauth2/token' });
    const form = { grant_type: 'client_credentials', scope: 'system/Patient.rs', ...asserted(assertion) };
    const answer = await post(server, 'token', form, {
      'X-Forwarded-Host': 'evil.example',
      'X-Forwarded-Proto': 'https',
    });
    expect(outcome(answer)).toEqual(REFUSED);
  });
});

/** jose refuses to sign what it does not know to be critical, so it is told. */
function signAssertionWith(changes: AssertionChanges): Promise<string> {
  if (changes.header?.crit === undefined) return signed(rsa, changes);
  const claims = { iss: 'signed', sub: 'signed', aud: `${server.baseUrl}/oauth2/token`, jti: randomUUID() };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS384', kid: 'rsa', typ: 'JWT', ...changes.header })
    .setExpirationTime('1m')
    .sign(rsa.privateKey, { crit: { x: true } });
}

test('Of eight uses of one jti at once exactly one succeeds, and none later (smart 111) (attack 36)', async () => {
  const assertion = await signed(rsa);
  const answers = await Promise.all(Array.from({ length: 8 }, () => ask(assertion)));
  expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
  const jti = randomUUID();
  expect((await ask(await signed(rsa, { jti }))).status).toBe(200);
  expect(outcome(await ask(await signed(rsa, { jti })))).toEqual(REFUSED);
});

test('Only registered scopes are given; none, or none that is registered, is invalid_scope (smart 114) (smart 94) (attack 38)', async () => {
  const scope =
    'system/Patient.rs system/Observation.rs system/Observation.r system/*.cruds user/Patient.rs openid';
  const { body } = await ask(await signed(rsa), { scope });
  expect(body['scope']).toBe('system/Patient.rs system/Observation.r');
  expect(outcome(await ask(await signed(rsa), { scope: 'system/Condition.rs' }))).toEqual([
    400,
    'invalid_scope',
  ]);
  expect(outcome(await ask(await signed(rsa), { scope: '' }))).toEqual([400, 'invalid_scope']);
  const none = { grant_type: 'client_credentials', ...asserted(await signed(rsa)) };
  expect(outcome(await post(server, 'token', none))).toEqual([400, 'invalid_scope']);
});

test('A call outside the scope fails at once, and a type that is not there is another error (smart 115) (smart 126)', async () => {
  const { body } = await ask(await signed(rsa), { scope: 'system/Patient.rs system/Observation.r' });
  const token = String(body['access_token']);
  const refused = await server.fhir('GET', 'Condition', { token });
  expect([refused.status, ((await refused.json()) as { resourceType: string }).resourceType]).toEqual([
    403,
    'OperationOutcome',
  ]);
  expect((await server.fhir('GET', 'Observation', { token })).status).toBe(403);
  expect([400, 404]).toContain((await server.fhir('GET', 'NoSuchType', { token })).status);
});

describe('Keys at the registered URL', () => {
  const remote = (key: TestKey, changes: AssertionChanges = {}): Promise<OAuthAnswer> =>
    signed(key, changes, 'remote').then((assertion) => ask(assertion));

  test('are asked for once while their answer may be kept, and once more for an unknown kid (smart 113) (smart 112)', async () => {
    published.keys = [rsa.publicJwk];
    const answers = await Promise.all(Array.from({ length: 4 }, () => remote(rsa)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(published.asked).toBe(1);
    expect((await remote(rsa, { header: { jku: jwksUri } })).status).toBe(200);
    // The client has another key now, and its cached keys do not hold it.
    published.keys = [ec.publicJwk];
    expect((await remote(ec)).status).toBe(200);
    expect(published.asked).toBe(2);
    // What was taken back is refused; strange kids do not have the client asked again and again.
    for (let n = 0; n < 5; n += 1)
      expect(outcome(await remote(rsa, { header: { kid: `unknown-${n}` } }))).toEqual(REFUSED);
    expect(outcome(await remote(rsa))).toEqual(REFUSED);
    expect(published.asked).toBe(2);
  });

  test('are not kept when their answer forbids it (smart 113)', async () => {
    const uncached = `${jwksUri}?no-store`;
    await provision(pool, {
      clients: [{ clientId: 'fresh', name: 'Fresh', scope: 'system/Patient.rs', jwksUri: uncached }],
    });
    published.cacheControl = 'no-store';
    published.keys = [rsa.publicJwk];
    const before = published.asked;
    const fresh = async (key: TestKey): Promise<OAuthAnswer> => ask(await signed(key, {}, 'fresh'));
    expect((await fresh(rsa)).status).toBe(200);
    // A key that is no longer published is no key, although its kid is known.
    published.keys = [ec.publicJwk];
    expect(outcome(await fresh(rsa))).toEqual(REFUSED);
    expect((await fresh(ec)).status).toBe(200);
    expect(published.asked - before).toBe(3);
  });

  test('that cannot be had, or are private, lead to a refusal (attack 26) (smart 33)', async () => {
    await provision(pool, {
      clients: [
        {
          clientId: 'link-local',
          name: 'A',
          scope: 'system/Patient.rs',
          jwksUri: 'http://169.254.169.254/jwks',
        },
        { clientId: 'leaky', name: 'B', scope: 'system/Patient.rs', jwksUri: `${jwksUri}?leaky` },
      ],
    });
    expect(outcome(await ask(await signed(rsa, {}, 'link-local')))).toEqual(REFUSED);
    published.keys = [{ ...rsa.publicJwk, d: 'AQAB' }];
    expect(outcome(await ask(await signed(rsa, {}, 'leaky')))).toEqual(REFUSED);
  });
});

test('A client with keys and a secret may use either, and one with a secret sends it in the header or the body (smart 65)', async () => {
  const form = { grant_type: 'client_credentials', scope: 'system/Patient.rs' };
  expect((await post(server, 'token', form, basic('both'))).status).toBe(200);
  expect((await ask(await signed(rsa, {}, 'both'))).status).toBe(200);
  expect((await post(server, 'token', form, basic('secret'))).status).toBe(200);
  const inBody = (secret: string): Promise<OAuthAnswer> =>
    post(server, 'token', { ...form, client_id: 'secret', client_secret: secret });
  expect((await inBody(CLIENT_SECRET)).status).toBe(200);
  expect(outcome(await inBody('wrong'))).toEqual(REFUSED);
});

test('A backend service without secret and keys is nobody, and so is one that sends none (smart 108)', async () => {
  const form = { grant_type: 'client_credentials', scope: 'system/Patient.rs' };
  for (const id of ['nobody-knows', 'signed', 'secret'])
    expect(outcome(await post(server, 'token', { ...form, client_id: id }))).toEqual(REFUSED);
});

test('A token that has expired is refused, and one whose client is gone at once (smart 74) (smart 126)', async () => {
  const form = { grant_type: 'client_credentials', scope: 'system/Patient.rs' };
  const { body: expiring } = await post(server, 'token', form, basic('secret'));
  await pool.query(
    `update auth.oidc set expires_at = now() - interval '1 second' where payload->>'clientId' = 'secret'`,
  );
  expect((await server.fhir('GET', 'Patient', { token: String(expiring['access_token']) })).status).toBe(401);
  const { body } = await ask(await signed(rsa, {}, 'both'));
  const orphan = String(body['access_token']);
  expect((await server.fhir('GET', 'Patient', { token: orphan })).status).toBe(200);
  await pool.query(`delete from auth.clients where client_id = 'both'`);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect((await server.fhir('GET', 'Patient', { token: orphan })).status).toBe(401);
});
