/** Clients, policies and grants of the admin API, what a change does to tokens that are out, and the audit of it all. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import pg from 'pg';
import {
  consoleTokens,
  ifMatch,
  places,
  refreshed,
  serviceTokens,
  startAdministration,
  type Administration,
  type AdminOptions,
} from '../support/admin.ts';
import type { TestServer } from '../support/server.ts';

let admin: Administration;
let server: TestServer;
let database: pg.Client;
let tokens: Administration['tokens'];
let call: Administration['call'];
let asBoss: Administration['asBoss'];
let userId: Administration['userId'];
let isAlive: Administration['isAlive'];
const died = (token: string | undefined) => admin.answersSoon(token, 'Patient?_count=0', 401);

beforeAll(async () => {
  admin = await startAdministration();
  ({ server, tokens, call, asBoss, userId, isAlive } = admin);
  database = new pg.Client({ connectionString: server.databaseUrl });
  await database.connect();
}, 60_000);

afterAll(async () => {
  await database.end();
  await admin.close();
});

describe('Clients', () => {
  const app = { name: 'An app', redirectUris: ['https://app.example/cb'], launchUris: ['https://app.example/launch'], scope: 'openid launch patient/*.rs' }; // prettier-ignore
  const service = { name: 'A service', scope: 'system/Patient.rs', secret: true };

  test('get a secret that is shown once, works, is kept as a hash, and can be replaced (smart 36).', async () => {
    const created = await asBoss('POST', '/clients', { body: { clientId: 'made', ...service } });
    expect([created.status, created.body['hasSecret'], created.headers.get('location')]).toEqual([201, true, '/admin/clients/made']); // prettier-ignore
    const secret = String(created.body['clientSecret']);
    const { access_token: token } = await serviceTokens(server, 'made', 'system/Patient.rs', secret);
    expect(await isAlive(token)).toBe(true);
    const read = await asBoss('GET', '/clients/made');
    expect(JSON.stringify([read.body, (await asBoss('GET', '/clients')).body])).not.toMatch(
      /secretHash|clientSecret/,
    );
    const { rows } = await database.query<{ kept: string }>(`select document::text as kept from auth.clients where client_id = 'made'`); // prettier-ignore
    expect(rows[0]?.kept).not.toContain(secret);
    const rotated = await asBoss('POST', '/clients/made/secret');
    expect(await died(token)).toBe(true);
    expect((await serviceTokens(server, 'made', 'system/Patient.rs', secret)).error).toBe('invalid_client');
    const again = await serviceTokens(
      server,
      'made',
      'system/Patient.rs',
      String(rotated.body['clientSecret']),
    );
    expect(await isAlive(again.access_token)).toBe(true);
    expect((await asBoss('POST', '/clients', { body: { clientId: 'made', ...service } })).status).toBe(409);
  });

  test('say what people are shown of them, and nothing that a browser should not follow.', async () => {
    const shown = { clientUri: 'https://app.example/', policyUri: 'https://app.example/privacy', logoUri: 'https://app.example/logo.png', launchIntents: ['percentiles'] }; // prettier-ignore
    const created = await asBoss('POST', '/clients', { body: { clientId: 'shown', ...app, ...shown } });
    expect([created.status, created.body]).toEqual([201, expect.objectContaining(shown)]);
    const wrong = { clientUri: 'javascript:alert(1)', policyUri: 'http://app.example/', logoUri: 'data:image/png;base64,x', launchIntents: ['a\nb'] }; // prettier-ignore
    const refused = await asBoss('POST', '/clients', { body: { clientId: 'wrong', ...app, ...wrong } });
    expect([refused.status, places(refused).length]).toEqual([400, 4]);
    const misplaced = await asBoss('POST', '/clients', { body: { clientId: 'wrong', ...service, ...shown } });
    expect([misplaced.status, places(misplaced).toSorted()]).toEqual([400, Object.keys(shown).toSorted()]);
  });

  test('keep their tokens when their name changes, and lose them with a scope, and with the registration.', async () => {
    const read = await asBoss('GET', '/clients/console');
    const { hasSecret: _secret, ...registration } = read.body;
    const got = await consoleTokens(server, 'doctor', 'user/Patient.rs offline_access');
    const renamed = await asBoss('PUT', '/clients/console', { body: { ...registration, name: 'Renamed' }, headers: ifMatch(read) }); // prettier-ignore
    expect([renamed.status, await isAlive(got.access_token)]).toEqual([200, true]);
    const robots = (method: string, path: string, options?: AdminOptions) =>
      call(tokens.robot, method, path, options);
    const narrow = { ...registration, scope: String(registration['scope']).replace(' offline_access', '') };
    const narrowed = await robots('PUT', '/clients/console', { body: narrow, headers: ifMatch(renamed) });
    expect([narrowed.status, await died(got.access_token)]).toEqual([200, true]);
    expect((await refreshed(server, got.refresh_token)).error).toBe('invalid_grant');
    await robots('PUT', '/clients/console', { body: registration, headers: ifMatch(narrowed) });
    await admin.bossAgain();
    await asBoss('POST', '/clients', { body: { clientId: 'short-lived', ...service } });
    const { body } = await asBoss('POST', '/clients/short-lived/secret');
    const { access_token: token } = await serviceTokens(server, 'short-lived', 'system/Patient.rs', String(body['clientSecret'])); // prettier-ignore
    expect(await isAlive(token)).toBe(true);
    expect((await asBoss('DELETE', '/clients/short-lived')).status).toBe(204);
    expect(await died(token)).toBe(true);
    expect((await asBoss('GET', '/clients/short-lived')).status).toBe(404);
  });

  test.each<[string, object, string]>([
    [
      'a redirect without TLS',
      { redirectUris: ['https://app.example/cb', 'http://app.example/cb'] },
      'redirectUris[1]',
    ],
    ['a redirect with a script', { redirectUris: ['javascript:alert(1)'] }, 'redirectUris[0]'],
    ['no redirect', { redirectUris: [] }, 'redirectUris'],
    ['a launch URL of another scheme', { launchUris: ['com.example.app:/x'] }, 'launchUris[0]'],
    ['a scope of services', { scope: 'system/*.rs' }, 'scope'],
    ['an unknown scope', { scope: 'root' }, 'scope'],
    ['a name that turns the page', { name: 'x\u202ey' }, 'name'],
    ['keys at an address that is not called', { jwksUri: 'https://169.254.169.254/jwks' }, 'jwksUri'],
    [
      'a log-out to another scheme',
      { postLogoutRedirectUris: ['http://app.example/'] },
      'postLogoutRedirectUris[0]',
    ],
    ['state without a system', { stateCodes: ['code'] }, 'stateCodes[0]'],
    [
      'a way to authenticate that it cannot',
      { tokenEndpointAuthMethod: 'private_key_jwt' },
      'tokenEndpointAuthMethod',
    ],
    ['an unknown way to authenticate', { tokenEndpointAuthMethod: 'tls' }, 'tokenEndpointAuthMethod'],
    ['a secret of its choice', { secretHash: 'x' }, 'secretHash'],
    ['what is no flag', { skipConsent: 'yes' }, 'skipConsent'],
  ])('with %s are refused at the place (attack 34).', async (_what, part, place) => {
    const answer = await asBoss('POST', '/clients', { body: { ...app, ...part } });
    expect([answer.status, places(answer)]).toEqual([400, [place]]);
  });

  test('that are services have keys or a secret, and private keys are refused (smart 33).', async () => {
    const { secret: _secret, ...bare } = service;
    expect(places(await asBoss('POST', '/clients', { body: bare }))).toEqual(['jwksUri']);
    const { publicKey, privateKey } = await generateKeyPair('ES384', { extractable: true });
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1' }] };
    const leaked = { keys: [{ ...(await exportJWK(privateKey)), kid: 'k1' }] };
    expect(places(await asBoss('POST', '/clients', { body: { ...bare, jwks: leaked } }))).toEqual(['jwks']);
    expect(places(await asBoss('POST', '/clients', { body: { ...bare, scope: 'patient/*.rs', jwks } }))).toEqual(['scope']); // prettier-ignore
    expect(places(await asBoss('POST', '/clients', { body: { ...bare, mayLaunch: true, jwks } }))).toEqual(['mayLaunch']); // prettier-ignore
    const created = await asBoss('POST', '/clients', { body: { ...bare, jwks } });
    expect([created.status, created.body['hasSecret']]).toEqual([201, false]);
  });
});

describe('Policies', () => {
  const policy = {
    name: 'trainee',
    rules: [{ resourceType: 'Patient', interactions: ['read', 'search-type'] }],
  };

  test('are created, replaced by the state that was seen, and deleted unless they are in use.', async () => {
    const created = await asBoss('PUT', '/policies/trainee', {
      body: policy,
      headers: { 'If-None-Match': '*' },
    });
    expect([created.status, created.headers.get('location')]).toEqual([201, '/admin/policies/trainee']);
    expect((await asBoss('PUT', '/policies/trainee', { body: policy, headers: { 'If-None-Match': '*' } })).status).toBe(412); // prettier-ignore
    expect((await asBoss('PUT', '/policies/trainee', { body: policy })).status).toBe(428);
    const wider = { ...policy, rules: [...policy.rules, { resourceType: 'Observation', interactions: '*', criteria: 'status=final' }] }; // prettier-ignore
    const put = await asBoss('PUT', '/policies/trainee', { body: wider, headers: ifMatch(created) });
    expect([put.status, put.body]).toEqual([200, wider]);
    expect(
      (await asBoss('PUT', '/policies/trainee', { body: policy, headers: ifMatch(created) })).status,
    ).toBe(412);
    const user = await asBoss('POST', '/users', { body: { username: 'trainee', role: 'trainee', fhirUser: 'Practitioner/t' } }); // prettier-ignore
    expect((await asBoss('DELETE', '/policies/trainee', { headers: ifMatch(put) })).status).toBe(409);
    const body = { role: 'nurse', fhirUser: 'Practitioner/t' };
    await asBoss('PUT', `/users/${user.body['id'] as string}`, { body, headers: ifMatch(user) });
    expect((await asBoss('DELETE', '/policies/trainee', { headers: ifMatch(created) })).status).toBe(412);
    expect((await asBoss('DELETE', '/policies/trainee', { headers: ifMatch(put) })).status).toBe(204);
    expect((await asBoss('GET', '/policies/trainee')).status).toBe(404);
    expect((await asBoss('DELETE', '/policies/doctor', { headers: { 'If-Match': '*' } })).status).toBe(409);
  });

  test('that cannot be carried out are refused with all places, and nothing is saved (attack 29).', async () => {
    const rules = [
      { resourceType: 'Nothing', interactions: ['read'] },
      { resourceType: 'Patient', interactions: ['write'] },
      { resourceType: 'Observation', interactions: '*', criteria: `status=final';drop table auth.users;--` },
      { resourceType: 'Observation', interactions: '*', criteria: 'code:text=(a+)+$' },
      { resourceType: 'Observation', interactions: '*', criteria: 'subject=%everybody' },
    ];
    const answer = await asBoss('PUT', '/policies/broken', { body: { name: 'broken', rules } });
    expect(answer.status).toBe(400);
    expect(places(answer)).toEqual(expect.arrayContaining(['rules[0].resourceType', 'rules[1].interactions', 'rules[4].criteria'])); // prettier-ignore
    expect((await asBoss('GET', '/policies/broken')).status).toBe(404);
    expect((await asBoss('PUT', '/policies/other', { body: policy })).status).toBe(400);
  });

  test('that change take effect on tokens that are out, at once.', async () => {
    const { access_token: token = '' } = await consoleTokens(server, 'doctor', 'user/Condition.rs');
    expect((await server.fhir('GET', 'Condition', { token })).status).toBe(200);
    const read = await asBoss('GET', '/policies/doctor');
    const rules = (read.body['rules'] as { resourceType: string }[]).filter(({ resourceType }) => resourceType !== 'Condition'); // prettier-ignore
    const put = await asBoss('PUT', '/policies/doctor', {
      body: { ...read.body, rules },
      headers: ifMatch(read),
    });
    expect(put.status).toBe(200);
    expect(await admin.answersSoon(token, 'Condition', 403)).toBe(true);
    await asBoss('PUT', '/policies/doctor', { body: read.body, headers: ifMatch(put) });
  });
});

describe('Grants', () => {
  test('are listed by user and by client, and end with all their tokens when they are revoked (smart 123).', async () => {
    const got = await consoleTokens(server, 'doctor', 'openid user/Patient.rs offline_access');
    const user = await userId('doctor');
    const { body } = await asBoss('GET', `/grants?user=${user}&client=console`);
    const grants = body['grants'] as { id: string; clientId: string; username: string; scope: string[]; grantedAt: string }[]; // prettier-ignore
    const latest = grants.toSorted((a, b) => a.grantedAt.localeCompare(b.grantedAt)).at(-1);
    expect(new Set(grants.map(({ clientId, username }) => `${clientId} ${username}`))).toEqual(new Set(['console doctor'])); // prettier-ignore
    expect(grants.some(({ scope }) => scope.includes('user/Patient.rs') && scope.includes('offline_access'))).toBe(true); // prettier-ignore
    expect(latest).toBeDefined();
    expect((await asBoss('GET', '/grants?client=nobody')).body['grants']).toEqual([]);
    for (const { id } of grants) expect((await asBoss('DELETE', `/grants/${id}`)).status).toBe(204);
    expect(await died(got.access_token)).toBe(true);
    expect((await refreshed(server, got.refresh_token)).error).toBe('invalid_grant');
    expect((await asBoss('DELETE', `/grants/${latest?.id ?? ''}`)).status).toBe(404);
  });
});

test('Every change, and every refusal of one, is in the audit with who and what, and without secrets (attack 40).', async () => {
  const own = `/users/${await userId('boss')}`;
  await asBoss('POST', `/users/${await userId('receptionist')}/temporary-password`);
  await asBoss('POST', `${own}/temporary-password`);
  await asBoss('PUT', '/policies/admin', { body: (await asBoss('GET', '/policies/admin')).body });
  await call((await serviceTokens(server, 'reader', 'system/*.rs')).access_token, 'GET', '/users');
  await new Promise((resolve) => setTimeout(resolve, 600));
  const { rows } = await database.query<{ record: string }>('select record::text from audit.pending');
  const records = rows.map(({ record }) => JSON.parse(record) as { code: string; outcome: string; action: string; reason?: string; agent: { clientId?: string; userId?: string } }); // prettier-ignore
  const told = (code: string, outcome: string, words: RegExp) =>
    records.some((r) => r.code === code && r.outcome === outcome && words.test(r.reason ?? '') && r.agent.clientId !== undefined); // prettier-ignore
  expect(told('user-change', '0', /^user [0-9a-f-]{36}, role trainee$/)).toBe(true);
  expect(told('user-change', '0', /temporary password/)).toBe(true);
  expect(told('client-change', '0', /^client made, new secret$/)).toBe(true);
  expect(told('policy-change', '0', /^policy trainee$/)).toBe(true);
  expect(told('access-revoked', '0', /^grant /)).toBe(true);
  expect(told('user-change', '4', /own account/)).toBe(true);
  expect(told('user-change', '4', /not allowed to administer: admin\/users\.read/)).toBe(true);
  expect(told('policy-change', '4', /own role/)).toBe(true);
  const secrets = await database.query<{ hash: string }>(`select document->>'secretHash' as hash from auth.clients where document ? 'secretHash' union all select password_hash from auth.users`); // prettier-ignore
  for (const { hash } of secrets.rows) expect(rows.some(({ record }) => record.includes(hash))).toBe(false);
});
