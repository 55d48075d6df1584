/** The token endpoint after an authorization, and what the FHIR API takes for a token. https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#obtain-access-token */
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { base64url, UnsecuredJWT, SignJWT } from 'jose';
import type { AuditEvent, Bundle, OperationOutcome } from '@medplum/fhirtypes';
import type { Pool } from '../../../src/db/index.ts';
import { authorize, CHALLENGE, redeem, type Changes, type TokenAnswer } from '../../support/app-flow.ts';
import { startTestSealer } from '../../support/audit.ts';
import { TestBrowser, type Arrival } from '../../support/browser.ts';
import {
  asserted,
  basic,
  CLIENT_SECRET,
  makeKey,
  poolOf,
  post,
  provision,
  signAssertion,
  type TestKey,
} from '../../support/oauth-caller.ts';
import { CLINIC, REDIRECT, startTestServer, type TestServer } from '../../support/server.ts';

const SCOPE = 'openid fhirUser offline_access launch/patient patient/*.rs';

let server: TestServer;
let pool: Pool;
let browser: TestBrowser;
let keys: TestKey[];

beforeAll(async () => {
  [server, ...keys] = await Promise.all([startTestServer(), makeKey('RS384', 'rsa'), makeKey('ES384', 'ec')]);
  pool = poolOf(server);
  browser = new TestBrowser(server.baseUrl);
  const app = { name: 'App', redirectUris: [REDIRECT], scope: SCOPE, skipConsent: true };
  const secret = CLIENT_SECRET;
  await provision(pool, {
    clients: [
      { ...app, clientId: 'symmetric', secret },
      { ...app, clientId: 'basic-only', secret, tokenEndpointAuthMethod: 'client_secret_basic' },
      { ...app, clientId: 'post-only', secret, tokenEndpointAuthMethod: 'client_secret_post' },
      { ...app, clientId: 'asymmetric', jwks: { keys: keys.map((key) => key.publicJwk) } },
      { ...app, clientId: 'public' },
    ],
  });
  for (const id of ['p1', 'p2']) {
    const managingOrganization = { reference: CLINIC };
    await server.fhir('PUT', `Patient/${id}`, {
      body: { resourceType: 'Patient', id, managingOrganization },
    });
  }
}, 30_000);
afterAll(async () => {
  await pool.end();
  await server.close();
});

/** The doctor logs in once. */
const allow = (clientId: string, changes: Changes = {}, untick: string[] = []): Promise<Arrival> =>
  authorize(server, 'doctor', { client_id: clientId, scope: SCOPE, ...changes }, { browser, untick });

const codeOf = ({ url }: Arrival): string => url.searchParams.get('code') ?? '';

describe('A code is redeemed', () => {
  test('by a public client with its client_id and no header, for tokens and launch context (smart 66) (smart 68) (smart 71) (smart 26)', async () => {
    const answer = await redeem(server, await allow('app'));
    expect(answer).toMatchObject({ status: 200, token_type: 'Bearer', expires_in: 900, patient: 'p1' });
    expect([typeof answer.access_token, typeof answer.refresh_token]).toEqual(['string', 'string']);
    expect(answer.scope.split(' ').sort()).toEqual(SCOPE.split(' ').sort());
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    const { headers } = answer;
    expect([headers.get('cache-control'), headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
  });

  test('by a symmetric client with Basic, and with the secret in the form where that is registered (smart 65)', async () => {
    const inForm = (id: string): Record<string, string> => ({ client_id: id, client_secret: CLIENT_SECRET });
    const status = async (id: string, isBasic: boolean): Promise<number> => {
      const code = await allow(id);
      const answer = isBasic
        ? await redeem(server, code, { client_id: id }, basic(id))
        : await redeem(server, code, inForm(id));
      return answer.status;
    };
    expect([await status('symmetric', true), await status('symmetric', false)]).toEqual([200, 200]);
    expect([await status('basic-only', true), await status('basic-only', false)]).toEqual([200, 401]);
    expect([await status('post-only', true), await status('post-only', false)]).toEqual([401, 200]);
    const wrong = await redeem(server, await allow('symmetric'), { client_id: 'symmetric' });
    expect([wrong.status, wrong.error]).toEqual([401, 'invalid_client']);
  });

  test('by an asymmetric client with RS384 and with ES384 (smart 67)', async () => {
    for (const key of keys) {
      const assertion = asserted(await signAssertion(server, 'asymmetric', key));
      const answer = await redeem(server, await allow('asymmetric'), {
        client_id: 'asymmetric',
        ...assertion,
      });
      expect([answer.status, answer.error]).toEqual([200, undefined]);
    }
  });

  test('for what the user left ticked, and nothing else (smart 72)', async () => {
    const scope = 'openid fhirUser launch/patient patient/Patient.rs patient/Observation.rs';
    const arrival = await allow('app', { scope }, ['patient/Observation.rs']);
    const { access_token: token, scope: granted } = await redeem(server, arrival);
    expect(granted).not.toContain('Observation');
    expect((await server.fhir('GET', 'Observation', { token })).status).toBe(403);
    expect((await server.fhir('GET', 'Patient/p1', { token })).status).toBe(200);
  });
});

describe('A code is not redeemed', () => {
  const refused = async (changes: Record<string, string>, status: number, error: string): Promise<void> => {
    const answer = await redeem(server, await allow('app'), changes);
    expect([answer.status, answer.error, answer['access_token']]).toEqual([status, error, undefined]);
  };

  test('when it is wrong, or client or redirect are (smart 69) (attack 32)', async () => {
    await refused({ code: 'made-up' }, 400, 'invalid_grant');
    await refused({ client_id: 'public' }, 400, 'invalid_grant');
    await refused({ client_id: 'nobody' }, 401, 'invalid_client');
    await refused({ redirect_uri: `${REDIRECT}/` }, 400, 'invalid_grant');
  });

  test('with a verifier that is absent, blank, wrong, or the challenge itself (smart 70) (attack 32)', async () => {
    await refused({ code_verifier: 'x'.repeat(43) }, 400, 'invalid_grant');
    await refused({ code_verifier: CHALLENGE }, 400, 'invalid_grant');
    for (const form of [{ code_verifier: '' }, {}]) {
      const code = codeOf(await allow('app'));
      const body = { grant_type: 'authorization_code', client_id: 'app', code, redirect_uri: REDIRECT };
      expect((await post(server, 'token', { ...body, ...form })).status).toBe(400);
    }
  });

  test('more than once: of six at once one succeeds, and a replay ends what it gave (attack 32) (smart 47) (smart 48)', async () => {
    const arrival = await allow('app');
    const answers = await Promise.all(Array.from({ length: 6 }, () => redeem(server, arrival)));
    const won = answers.filter(({ status }) => status === 200);
    expect([won.length, answers.filter(({ error }) => error === 'invalid_grant').length]).toEqual([1, 5]);
    const { access_token: token, refresh_token: refresh = '' } = won[0]!;
    expect((await redeem(server, arrival)).error).toBe('invalid_grant');
    await expectEnded(token);
    const form = { grant_type: 'refresh_token', client_id: 'app', refresh_token: refresh };
    expect((await post(server, 'token', form)).status).toBe(400);
  });

  test('after 61 seconds (attack 32)', async () => {
    const arrival = await allow('app');
    await pool.query(
      `update auth.oidc set expires_at = expires_at - interval '61 seconds',
         payload = payload || jsonb_build_object('exp', (payload->>'exp')::int - 61)
       where model = 'AuthorizationCode'`,
    );
    expect(await redeem(server, arrival)).toMatchObject({ status: 400, error: 'invalid_grant' });
  });
});

/** Other processes hear of it a moment later. */
async function expectEnded(token: string): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect((await server.fhir('GET', 'Patient/p1', { token })).status).toBe(401);
}

describe('Errors are those of RFC 6749', () => {
  const form = { grant_type: 'authorization_code', code: 'x', redirect_uri: REDIRECT, client_id: 'app' };

  test('in JSON also for who prefers HTML, with no-store (smart 75)', async () => {
    const { status, headers, body } = await post(server, 'token', form, { Accept: 'text/html' });
    expect([status, body['error'], typeof body['error_description']]).toEqual([
      400,
      'invalid_grant',
      'string',
    ]);
    expect([headers.get('cache-control'), headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
  });

  test('401 with a challenge where Basic was tried, in any broken way (smart 75)', async () => {
    const { client_id: _, ...rest } = form;
    for (const header of [
      basic('symmetric', 'wrong'),
      { Authorization: 'Basic !' },
      { Authorization: 'Basic' },
    ]) {
      const { status, headers, body } = await post(server, 'token', rest, header);
      expect([status, body['error']]).toEqual([401, 'invalid_client']);
      expect(headers.get('www-authenticate')).toMatch(/^Basic realm=/);
    }
    const without = await post(server, 'token', rest);
    expect([without.status, without.body['error']]).toEqual([401, 'invalid_client']);
  });

  test('for a repeated parameter, a missing one and an unknown grant type (smart 75)', async () => {
    const repeated = await fetch(`${server.baseUrl}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams([...Object.entries(form), ['code', 'y']]),
    });
    expect([repeated.status, ((await repeated.json()) as TokenAnswer).error]).toEqual([
      400,
      'invalid_request',
    ]);
    const { code: _, ...missing } = form;
    expect((await post(server, 'token', missing)).body['error']).toBe('invalid_request');
    expect((await post(server, 'token', { ...form, grant_type: 'password' })).body['error']).toBe(
      'unsupported_grant_type',
    );
  });

  test('for another content type and another method (smart 76)', async () => {
    const url = `${server.baseUrl}/oauth2/token`;
    const headers = { 'Content-Type': 'application/json' };
    expect((await fetch(url, { method: 'POST', headers, body: JSON.stringify(form) })).status).toBe(400);
    expect([404, 405]).toContain((await fetch(`${url}?${new URLSearchParams(form).toString()}`)).status);
  });
});

test('A token says as it is issued when it ends, and ends then (smart 73) (smart 74) (smart 116)', async () => {
  const before = Math.floor(Date.now() / 1000);
  const { access_token: token, expires_in: seconds } = await redeem(server, await allow('app'));
  const { body } = await post(server, 'introspect', { token, client_id: 'app' });
  expect(Math.abs(Number(body['exp']) - before - Number(seconds))).toBeLessThan(5);
  await pool.query(
    `update auth.oidc set expires_at = now() - interval '1 second' where model = 'AccessToken'`,
  );
  const expired = await server.fhir('GET', 'Patient/p1', { token });
  expect([expired.status, expired.headers.get('www-authenticate')]).toEqual([
    401,
    expect.stringContaining('error="invalid_token"'),
  ]);
  expect((await post(server, 'introspect', { token, client_id: 'app' })).body).toEqual({ active: false });
});

describe('The FHIR API', () => {
  const refusedWith = async (headers: Record<string, string>, path = 'Patient/p1'): Promise<void> => {
    const response = await server.fhir('GET', path, { token: null, headers });
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringMatching(/^Bearer/),
    ]);
    expect(((await response.json()) as OperationOutcome).resourceType).toBe('OperationOutcome');
  };

  test('wants a token, in the header, with a challenge and an OperationOutcome (smart 125) (smart 129)', async () => {
    await refusedWith({});
    const { access_token: token } = await redeem(server, await allow('app'));
    await refusedWith({}, `Patient/p1?access_token=${token}`);
    await refusedWith({ Authorization: `Basic ${btoa(`x:${token}`)}` });
    await refusedWith({ Authorization: token });
    await refusedWith({ Authorization: `Bearer ${token} ${token}` });
    expect((await server.fhir('GET', 'Patient/p1', { token })).status).toBe(200);
  });

  test('takes nothing for a token that is another thing, forged, or for another audience (attack 31) (smart 126)', async () => {
    const answer = await redeem(server, await allow('app'));
    const claims = { iss: `${server.baseUrl}/oauth2`, sub: 'x', aud: server.fhirBase, scope: 'user/*.cruds' };
    const now = Math.floor(Date.now() / 1000);
    const none = new UnsecuredJWT(claims).setExpirationTime('5m').encode();
    const { keys: published } = (await (await fetch(`${server.baseUrl}/oauth2/jwks`)).json()) as {
      keys: object[];
    };
    const [{ privateKey }] = keys as [TestKey];
    const forge = (header: object, more: object = {}): Promise<string> =>
      new SignJWT({ ...claims, exp: now + 300, ...more })
        .setProtectedHeader({ alg: 'RS384', typ: 'at+jwt', ...header })
        .sign(privateKey, { crit: { x: true } });
    const hs256 = new SignJWT(claims).setProtectedHeader({ alg: 'HS256' });
    const forged = [
      answer.id_token!,
      answer.refresh_token!,
      none,
      [base64url.encode('{"alg":"none"}'), none.split('.')[1], ''].join('.'),
      await hs256.sign(new TextEncoder().encode(JSON.stringify(published[0]))),
      await forge({ kid: 'foreign' }),
      await forge({ jku: 'https://evil.example/jwks', x5u: 'https://evil.example/cert' }),
      await forge({ jwk: keys[0]!.publicJwk }),
      await forge({}, { nbf: now + 3_600 }),
      await forge({}, { iss: 'https://evil.example' }),
      await forge({ crit: ['x'], x: 1 }),
      '\u00e4'.repeat(3),
      'x'.repeat(4_000),
    ];
    for (const token of forged) await refusedWith({ Authorization: `Bearer ${token}` });
    // A token of ours for another server, as there could be if this database served two.
    await pool.query(
      `update auth.oidc set payload = payload || '{"aud": "https://other.example/fhir/R4"}' where model = 'AccessToken'`,
    );
    await refusedWith({ Authorization: `Bearer ${answer.access_token}` });
  });
});

test('The host that a request names changes nothing in documents and answers (attack 35)', async () => {
  const { port } = new URL(server.baseUrl);
  const get = (path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const headers = {
        Host: 'evil.example',
        'X-Forwarded-Host': 'evil.example',
        Forwarded: 'host=evil.example',
      };
      const sent = httpRequest({ port, path, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('end', () => resolve(text));
      });
      sent.on('error', reject).end();
    });
  for (const path of [
    '/oauth2/.well-known/openid-configuration',
    '/fhir/R4/.well-known/smart-configuration',
  ]) {
    const text = await get(path);
    expect(text).toContain(`${server.baseUrl}/oauth2/token`);
    expect(text).not.toContain('evil');
  }
});

test('No token or code is in the database as it is, and each is told to the audit without itself (smart 178)', async () => {
  const arrival = await allow('app');
  const answer = await redeem(server, arrival);
  await post(server, 'token', { grant_type: 'authorization_code', client_id: 'app', code: 'made-up' });
  await post(server, 'token', { grant_type: 'client_credentials' }, basic('symmetric', 'wrong'));
  const { rows } = await pool.query<{ row: string }>('select o::text as row from auth.oidc o');
  const all = rows.map(({ row }) => row).join('\n');
  const secrets = [answer.access_token, answer.refresh_token!, answer.id_token!, codeOf(arrival)];
  for (const secret of secrets) expect(all).not.toContain(secret);
  const sealer = startTestSealer(server);
  const reasons = new Set<string | undefined>();
  for (let tries = 0; tries < 100 && reasons.size < 3; tries += 1) {
    const found = await server.fhir('GET', 'AuditEvent?subtype=110142&_count=200');
    const { entry = [] } = (await found.json()) as Bundle<AuditEvent>;
    for (const { resource } of entry) reasons.add(resource?.outcomeDesc);
    const text = JSON.stringify(entry);
    for (const secret of [...secrets, CLIENT_SECRET]) expect(text).not.toContain(secret);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await sealer.stop();
  expect([...reasons]).toEqual(
    expect.arrayContaining([
      'token issued for an authorization code',
      'no token issued: invalid_client',
      'no token issued: invalid_request',
    ]),
  );
});
