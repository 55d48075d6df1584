/** What is told of tokens, and how they are taken back. https://hl7.org/fhir/smart-app-launch/STU2.2/token-introspection.html and https://www.rfc-editor.org/rfc/rfc7009 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AuditEvent, Bundle } from '@medplum/fhirtypes';
import { decodeJwt } from 'jose';
import type { Pool } from '../../../src/db/index.ts';
import { authorize, redeem, tokens, type TokenAnswer } from '../../support/app-flow.ts';
import { startTestSealer } from '../../support/audit.ts';
import { TestBrowser } from '../../support/browser.ts';
import {
  basic,
  bearer,
  CLIENT_SECRET,
  poolOf,
  post,
  provision,
  type OAuthAnswer,
} from '../../support/oauth-caller.ts';
import { CLINIC, REDIRECT, startTestServer, type TestServer } from '../../support/server.ts';

const SCOPE = 'openid fhirUser offline_access launch/patient patient/*.rs';
const INACTIVE = { active: false };

let server: TestServer;
let pool: Pool;
/** Of each user one, who logs in once. */
const browsers = new Map<string, TestBrowser>();

beforeAll(async () => {
  server = await startTestServer();
  pool = poolOf(server);
  const app = { redirectUris: [REDIRECT], scope: SCOPE, skipConsent: true };
  await provision(pool, {
    clients: [
      { ...app, clientId: 'mine', name: 'Public' },
      { ...app, clientId: 'theirs', name: 'Another public' },
      { ...app, clientId: 'curious', name: 'Public and curious', scope: `${SCOPE} introspect` },
      { ...app, clientId: 'confidential', name: 'Confidential', secret: CLIENT_SECRET },
      { clientId: 'service', name: 'Backend', secret: CLIENT_SECRET, scope: 'system/Patient.rs' },
      {
        clientId: 'resources',
        name: 'Resource server',
        secret: CLIENT_SECRET,
        scope: 'system/Patient.rs introspect',
      },
    ],
  });
  const managingOrganization = { reference: CLINIC };
  const body = { resourceType: 'Patient', id: 'p1', managingOrganization };
  await server.fhir('PUT', 'Patient/p1', { body });
}, 30_000);
afterAll(async () => {
  await pool.end();
  await server.close();
});

async function allow(clientId: string, username = 'doctor'): Promise<TokenAnswer> {
  const browser = browsers.get(username) ?? new TestBrowser(server.baseUrl);
  browsers.set(username, browser);
  const arrival = await authorize(server, username, { client_id: clientId, scope: SCOPE }, { browser });
  const headers = clientId === 'confidential' ? basic('confidential') : {};
  return redeem(server, arrival, { client_id: clientId }, headers);
}

const serviceToken = async (clientId: string, scope: string): Promise<string> =>
  String((await post(server, 'token', { grant_type: 'client_credentials', scope }, basic(clientId))).body['access_token']); // prettier-ignore

const introspect = (token: unknown, headers: Record<string, string>): Promise<OAuthAnswer> =>
  post(server, 'introspect', { token: String(token) }, headers);
const asPublic = (token: unknown, clientId: string): Promise<OAuthAnswer> =>
  post(server, 'introspect', { token: String(token), client_id: clientId });
const revoke = (token: unknown, clientId = 'mine'): Promise<OAuthAnswer> =>
  post(server, 'revoke', { token: String(token), client_id: clientId });
const settled = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 50));

test('A resource server learns of any token what its answer said, the id token and the context among it (smart 116) (smart 117) (smart 118)', async () => {
  const began = Math.floor(Date.now() / 1000);
  const answer = await allow('mine');
  const { iss, sub, fhirUser } = decodeJwt(answer.id_token!) as Record<string, string>;
  const scoped = await serviceToken('resources', 'introspect');
  for (const headers of [basic('resources'), bearer(scoped)]) {
    const { status, headers: told, body } = await introspect(answer.access_token, headers);
    expect(status).toBe(200);
    expect(told.get('content-type')).toMatch(/^application\/json/);
    expect([told.get('cache-control'), told.get('pragma')]).toEqual(['no-store', 'no-cache']);
    expect(body).toMatchObject({
      active: true,
      scope: answer.scope,
      client_id: 'mine',
      token_type: 'Bearer',
      aud: server.fhirBase,
      patient: answer['patient'],
      need_patient_banner: answer['need_patient_banner'],
      iss,
      sub,
      fhirUser,
    });
    expect(Math.abs(Number(body['exp']) - began - Number(answer['expires_in']))).toBeLessThan(5);
  }
});

describe('Only the one who may learns of a token, and others hear nothing but active: false (smart 121) (smart 119)', () => {
  test('a public client of its own tokens alone', async () => {
    const { access_token: token } = await allow('mine');
    expect((await asPublic(token, 'mine')).body).toMatchObject({ active: true, client_id: 'mine' });
    expect((await asPublic(token, 'theirs')).body).toEqual(INACTIVE);
    // Whatever it is registered for: anybody can come as a public client.
    expect((await asPublic(token, 'curious')).body).toEqual(INACTIVE);
  });

  test('a confidential client and a backend service of their own tokens alone', async () => {
    const { access_token: foreign } = await allow('mine');
    const { access_token: own } = await allow('confidential');
    expect((await introspect(own, basic('confidential'))).body).toMatchObject({ active: true });
    expect((await introspect(foreign, basic('confidential'))).body).toEqual(INACTIVE);
    expect((await introspect(foreign, basic('service'))).body).toEqual(INACTIVE);
  });

  test('nobody without a credential, or with one that is wrong', async () => {
    const { access_token: token } = await allow('mine');
    for (const headers of [{}, basic('resources', 'wrong'), bearer('made-up'), bearer('a.b.c')]) {
      const { status, headers: told, body } = await introspect(token, headers);
      expect([status, body['active']]).toEqual([401, undefined]);
      expect(told.get('www-authenticate')).toMatch(/^(Basic|Bearer) realm=/);
    }
    expect((await asPublic(token, 'confidential')).status).toBe(401);
  });
});

describe('An access token as the caller’s credential (smart 120)', () => {
  test('tells of tokens of the same client and user, itself among them, and of no others', async () => {
    const doctor = await allow('mine');
    const again = await allow('mine');
    const patient = await allow('mine', 'patient');
    const other = await allow('theirs');
    const { access_token: credential } = doctor;
    for (const token of [credential, again.access_token, doctor.refresh_token])
      expect((await introspect(token, bearer(credential))).body).toMatchObject({ active: true });
    for (const token of [patient.access_token, other.access_token, 'made-up'])
      expect((await introspect(token, bearer(credential))).body).toEqual(INACTIVE);
  });

  test('needs the scope, which only registered backend services get', async () => {
    const { access_token: token } = await allow('mine');
    const plain = await serviceToken('resources', 'system/Patient.rs');
    expect((await introspect(token, bearer(plain))).body).toEqual(INACTIVE);
    const form = { grant_type: 'client_credentials', scope: 'introspect' };
    expect((await post(server, 'token', form, basic('service'))).body['error']).toBe('invalid_scope');
    const scoped = await serviceToken('resources', 'introspect');
    expect((await introspect(token, bearer(scoped))).body).toMatchObject({ active: true });
  });

  test('must be an access token that is good, in a request of one token in a form', async () => {
    const { access_token: token, refresh_token: refresh, id_token: id } = await allow('mine');
    for (const credential of [refresh, id])
      expect((await introspect(token, bearer(credential))).status).toBe(401);
    expect((await post(server, 'introspect', {}, bearer(token))).body['error']).toBe('invalid_request');
    const json = await fetch(`${server.baseUrl}/oauth2/introspect`, {
      method: 'POST',
      headers: { ...bearer(token), 'Content-Type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    expect(json.status).toBe(400);
    await revoke(token);
    expect((await introspect(token, bearer(token))).status).toBe(401);
  });
});

test('A token that is unknown, revoked, or no token of this server is not active, and no more is said (smart 119)', async () => {
  const { access_token: token, id_token: id } = await allow('mine');
  await revoke(token);
  for (const each of [token, 'made-up', id, `${String(id)}x`, 'a.b.c']) {
    const { status, body } = await asPublic(each, 'mine');
    expect([status, body]).toEqual([200, INACTIVE]);
  }
});

describe('A revocation', () => {
  test('of a refresh token ends its access tokens at once, and the next refresh (smart 122) (smart 123)', async () => {
    const first = await allow('mine');
    const form = { grant_type: 'refresh_token', client_id: 'mine' };
    const second = await tokens(server, { ...form, refresh_token: first.refresh_token! });
    const good = (token: string): Promise<number> =>
      server.fhir('GET', 'Patient/p1', { token }).then(({ status }) => status);
    expect([await good(first.access_token), await good(second.access_token)]).toEqual([200, 200]);
    expect((await revoke(second.refresh_token)).status).toBe(200);
    await settled();
    expect([await good(first.access_token), await good(second.access_token)]).toEqual([401, 401]);
    expect((await tokens(server, { ...form, refresh_token: second.refresh_token! })).error).toBe(
      'invalid_grant',
    );
    for (const each of [first.access_token, second.access_token, second.refresh_token])
      expect((await asPublic(each, 'mine')).body).toEqual(INACTIVE);
  });

  test('of an unknown token, one revoked before, or a JWT is answered 200 as well (smart 122)', async () => {
    const { access_token: token, id_token: id } = await allow('mine');
    for (const each of [token, token, 'made-up', id]) expect((await revoke(each)).status).toBe(200);
    const hinted = { token: 'x', token_type_hint: 'no_such_type', client_id: 'mine' };
    expect((await post(server, 'revoke', hinted)).status).toBe(200);
  });

  test('of another client’s token does nothing, and without client authentication it is refused (smart 122)', async () => {
    const { access_token: token } = await allow('mine');
    expect((await revoke(token, 'theirs')).status).toBe(200);
    expect((await asPublic(token, 'mine')).body).toMatchObject({ active: true });
    expect((await post(server, 'revoke', { token })).status).toBe(401);
    expect((await revoke(token, 'confidential')).status).toBe(401);
  });

  test('that comes while a token is refreshed leaves nothing behind (smart 122)', async () => {
    for (let n = 0; n < 4; n += 1) {
      const { refresh_token: token = '' } = await allow('mine');
      const form = { grant_type: 'refresh_token', client_id: 'mine', refresh_token: token };
      const [renewed] = await Promise.all([tokens(server, form), revoke(token)]);
      await settled();
      if (renewed.status !== 200) continue;
      expect((await asPublic(renewed.access_token, 'mine')).body).toEqual(INACTIVE);
      expect((await server.fhir('GET', 'Patient/p1', { token: renewed.access_token })).status).toBe(401);
    }
  });
});

test('Revocations and refused introspections are told to the audit (smart 178)', async () => {
  const { access_token: token } = await allow('mine');
  await asPublic(token, 'theirs');
  await introspect(token, bearer(await serviceToken('service', 'system/Patient.rs')));
  await revoke(token);
  const sealer = startTestSealer(server);
  const found = new Map<string, Set<string>>();
  for (let tries = 0; tries < 100 && found.size < 2; tries += 1) {
    await settled();
    const answer = await server.fhir('GET', 'AuditEvent?type=110113&_count=200');
    const { entry = [] } = (await answer.json()) as Bundle<AuditEvent>;
    expect(JSON.stringify(entry)).not.toContain(token);
    for (const { resource } of entry) {
      const clients = found.get(resource?.outcomeDesc ?? '') ?? new Set();
      found.set(resource?.outcomeDesc ?? '', clients);
      for (const { who } of resource?.agent ?? []) clients.add(who?.display ?? '');
    }
  }
  await sealer.stop();
  const refused = found.get('introspection of a token of another client refused');
  expect([refused?.has('theirs'), refused?.has('service')]).toEqual([true, true]);
  expect(found.get('token revoked by its client')?.has('mine')).toBe(true);
});

test('What a launch or the picker gave to a grant is gone with it', async () => {
  const { access_token: token } = await allow('mine');
  const count = async (): Promise<number> =>
    (await pool.query<{ n: number }>('select count(*)::int as n from auth.grant_context')).rows[0]!.n;
  const before = await count();
  await revoke(token);
  expect(await count()).toBe(before - 1);
});
