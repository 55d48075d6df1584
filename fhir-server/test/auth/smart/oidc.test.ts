/** Id tokens, and the keys that sign them and take turns. https://openid.net/specs/openid-connect-core-1_0.html#IDToken */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  createLocalJWKSet,
  decodeProtectedHeader,
  jwtVerify,
  type JSONWebKeySet,
  type JWTPayload,
} from 'jose';
import { startApi, type RunningApi } from '../../../src/api.ts';
import type { Pool } from '../../../src/db/index.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import { createLogger } from '../../../src/platform/logger.ts';
import { pickPort } from '../../../../scripts/postgres/port.ts';
import { authorize, redeem, tokens, type Changes, type TokenAnswer } from '../../support/app-flow.ts';
import { TestBrowser } from '../../support/browser.ts';
import { commandLine } from '../../support/command-line.ts';
import { poolOf, provision } from '../../support/oauth-caller.ts';
import { CLINIC, REDIRECT, startTestServer, type TestServer } from '../../support/server.ts';

const SETTINGS = { SIGNING_KEY_POLL_MS: '50', SIGNING_KEY_AHEAD_SECONDS: '1' };
const SCOPE = 'openid fhirUser offline_access user/*.rs';

let server: TestServer;
let pool: Pool;
/** Another process on the same database, behind the same address as far as anybody knows. */
let second: RunningApi;
let secondUrl: string;
const browsers = new Map<string, TestBrowser>();

beforeAll(async () => {
  server = await startTestServer(SETTINGS);
  pool = poolOf(server);
  const port = await pickPort();
  const env = {
    ...SETTINGS,
    DATABASE_URL: server.databaseUrl,
    DATA_DIR: server.dataDir,
    BASE_URL: server.baseUrl,
    PORT: String(port),
    COOKIE_SECRET: 'a secret that is long enough for tests',
  };
  second = await startApi(loadConfig(env), createLogger('test', 'fatal'));
  secondUrl = `http://localhost:${port}`;
  const app = { redirectUris: [REDIRECT], skipConsent: true };
  await provision(pool, { clients: [{ ...app, clientId: 'own', name: 'Own', scope: SCOPE }] });
  const managingOrganization = { reference: CLINIC };
  await server.fhir('PUT', 'Patient/p1', {
    body: { resourceType: 'Patient', id: 'p1', managingOrganization },
  });
  await server.fhir('PUT', 'Practitioner/doc', { body: { resourceType: 'Practitioner', id: 'doc' } });
}, 30_000);
afterAll(async () => {
  await pool.end();
  await second.close();
  await server.close();
});

/** `at` is the process that answers for the token. */
async function allow(changes: Changes = {}, username = 'doctor', at = server.baseUrl): Promise<TokenAnswer> {
  const browser = browsers.get(username) ?? new TestBrowser(server.baseUrl);
  browsers.set(username, browser);
  const arrival = await authorize(
    server,
    username,
    { client_id: 'own', scope: SCOPE, ...changes },
    { browser },
  );
  return redeem({ ...server, baseUrl: at }, arrival, { client_id: 'own' });
}

const getJson = async <T>(path: string, at = server.baseUrl): Promise<T> => {
  const response = await fetch(`${at}/oauth2/${path}`);
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    expect.stringMatching(/json/),
  ]);
  return (await response.json()) as T;
};
const jwks = (at?: string): Promise<JSONWebKeySet> => getJson('jwks', at);
const kids = async (at?: string): Promise<unknown[]> => (await jwks(at)).keys.map(({ kid }) => kid);
const kidOf = ({ id_token: token = '' }: TokenAnswer): unknown => decodeProtectedHeader(token).kid;

async function verified(token: string | undefined, at?: string): Promise<JWTPayload> {
  const options = { algorithms: ['RS256'], issuer: `${server.baseUrl}/oauth2`, audience: 'own' };
  return (await jwtVerify(token ?? '', createLocalJWKSet(await jwks(at)), options)).payload;
}

describe('An id token', () => {
  test('is signed with RS256 by a published key, and says who, for whom, by whom and until when (smart 99) (smart 101)', async () => {
    const nonce = 'n-0S6_WzA2Mj';
    const { id_token: token } = await allow({ nonce });
    expect(decodeProtectedHeader(token!)).toMatchObject({ alg: 'RS256', kid: (await kids())[0] });
    const payload = await verified(token);
    expect(payload).toMatchObject({ iss: `${server.baseUrl}/oauth2`, aud: 'own', nonce });
    expect(payload.sub).toMatch(/^.{1,255}$/);
    expect(payload.exp! - payload.iat!).toBe(900);
    expect((await verified((await allow()).id_token))['nonce']).toBeUndefined();
  });

  test('has the absolute URL of the user’s resource, which the token can read, when that was asked for (smart 102)', async () => {
    for (const [username, reference] of [
      ['doctor', 'Practitioner/doc'],
      ['patient', 'Patient/p1'],
    ] as const) {
      const { id_token: id, access_token: token } = await allow({}, username);
      const { fhirUser } = await verified(id);
      expect(fhirUser).toBe(`${server.fhirBase}/${reference}`);
      const headers = { Authorization: `Bearer ${token}` };
      expect((await fetch(String(fhirUser), { headers })).status).toBe(200);
    }
    expect(
      (await verified((await allow({ scope: 'openid user/*.rs' })).id_token))['fhirUser'],
    ).toBeUndefined();
    expect((await allow({ scope: 'user/*.rs' })).id_token).toBeUndefined();
  });

  test('comes with a refresh as well, of the same person (smart 99)', async () => {
    const first = await allow();
    const form = { grant_type: 'refresh_token', client_id: 'own', refresh_token: first.refresh_token! };
    const { id_token: token } = await tokens(server, form);
    const [before, after] = [await verified(first.id_token), await verified(token)];
    expect([after.sub, after['fhirUser']]).toEqual([before.sub, before['fhirUser']]);
  });
});

test('The discovery document says what OpenID Connect asks for (smart 100)', async () => {
  const document = await getJson<Record<string, unknown>>('.well-known/openid-configuration');
  const issuer = `${server.baseUrl}/oauth2`;
  expect(document).toMatchObject({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  });
});

test('The keys are bare public JWKs, each with a kid (smart 103) (smart 99)', async () => {
  const { keys } = await jwks();
  expect(keys.length).toBeGreaterThan(0);
  for (const key of keys) {
    expect(Object.keys(key).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    expect([key.kty, key.alg, key.use]).toEqual(['RSA', 'RS256', 'sig']);
  }
});

describe('Signing keys', () => {
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    for (let tries = 0; tries < 200 && !(await isSo()); tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await isSo()).toBe(true);
  };

  test('take turns without a restart: the new one is published everywhere before it signs, the old one stays (smart 104)', async () => {
    const before = await allow();
    const old = kidOf(before);
    const cli = commandLine({ DATABASE_URL: server.databaseUrl, ...SETTINGS });
    const { code, told } = await cli.run(['keys', 'rotate']);
    expect([code, told]).toEqual([0, expect.stringMatching(/^Key \S+ is published and signs in 1 seconds/)]);
    const next = /Key (\S+)/.exec(told)?.[1];
    for (const at of [server.baseUrl, secondUrl]) expect((await kids(at)).sort()).toEqual([old, next].sort());
    for (const at of [server.baseUrl, secondUrl])
      await until(async () => {
        const answer = await allow({}, 'doctor', at);
        expect(answer.status).toBe(200);
        // Whichever key it is, everybody can verify by what any process publishes.
        await verified(answer.id_token, server.baseUrl);
        await verified(answer.id_token, secondUrl);
        return kidOf(answer) === next;
      });
    for (const at of [server.baseUrl, secondUrl]) await verified(before.id_token, at);
    const hint = new URLSearchParams({ id_token_hint: before.id_token! });
    expect((await fetch(`${server.baseUrl}/oauth2/logout?${hint.toString()}`)).status).toBe(200);
  }, 30_000);

  test('take turns by age, once although several processes look, and go when they are long over (smart 104)', async () => {
    const known = await kids();
    const [last] = known;
    await pool.query(`update auth.signing_key set signs_from = signs_from - interval '91 days'`);
    await until(async () => (await kids()).some((kid) => !known.includes(kid)));
    // The one before the last is over since the last one has signed for so long.
    const [next] = (await kids()).filter((kid) => kid !== last);
    expect(await kids()).toEqual(expect.arrayContaining([last, next]));
    await until(async () => (await kids())[0] === next);
    expect(await kids()).toEqual([next, last]);
    await pool.query(`update auth.signing_key set signs_from = signs_from - interval '3 days'`);
    await until(async () => (await kids()).length === 1);
    expect(await kids()).toEqual([next]);
    await until(async () => kidOf(await allow()) === (await kids())[0]);
  }, 30_000);

  test('can change at once, and each change is in the audit without the key (smart 178)', async () => {
    const cli = commandLine({ DATABASE_URL: server.databaseUrl });
    expect((await cli.run(['keys', 'rotate', '--now'])).told).toMatch(/signs from now on/);
    const next = (await kids())[0];
    await until(async () => kidOf(await allow()) === next);
    const { rows } = await pool.query<{ record: string }>(
      `select record from audit.pending where record::jsonb->>'code' = 'key-change'`,
    );
    expect(rows.length).toBeGreaterThanOrEqual(4);
    expect(rows.map(({ record }) => record).join()).toContain(String(next));
    const { n } = (await jwks()).keys[0]!;
    expect(rows.map(({ record }) => record).join()).not.toContain(n);
  }, 30_000);
});
