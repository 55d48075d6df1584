/** The admin API: who may, what is refused, and what a change of an account does to tokens that are out. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { ADMIN_SCOPES } from '../../src/auth/index.ts';
import {
  consoleTokens,
  ifMatch,
  places,
  refreshed,
  serviceTokens,
  startAdministration,
  type Administration,
} from '../support/admin.ts';
import { appToken } from '../support/app-token.ts';
import type { TestServer } from '../support/server.ts';

const ALL = ADMIN_SCOPES.join(' ');
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

describe('The admin API', () => {
  test('is closed to tokens of SMART apps, of users of whatever role and of services without its scopes (attack 40).', async () => {
    const smart = [
      await appToken(server, 'doctor', 'openid fhirUser user/*.cruds'),
      (await consoleTokens(server, 'boss', 'openid fhirUser user/*.cruds')).access_token,
      await server.token('system/*.cruds'),
      (await serviceTokens(server, 'reader', 'system/*.cruds admin/users.read')).access_token,
    ];
    const paths = ['/users', '/clients', '/policies', '/grants', '/users/x', '/policies/admin'];
    for (const token of smart)
      for (const path of paths) {
        const answer = await call(token, 'GET', path);
        expect([path, answer.status, answer.body['resourceType']]).toEqual([path, 403, 'OperationOutcome']);
      }
    expect((await call(undefined, 'GET', '/users')).status).toBe(401);
    expect((await call('nonsense', 'GET', '/users')).status).toBe(401);
    expect((await call(smart[0], 'PUT', '/policies/doctor', { body: 'no JSON' })).status).toBe(403);
  });

  test('gives each address to its own scope, and a scope to nothing else.', async () => {
    const addresses = [
      ['GET', '/users', 'admin/users.read'],
      ['POST', '/users', 'admin/users.write'],
      ['PUT', '/users/x', 'admin/users.write'],
      ['POST', '/users/x/temporary-password', 'admin/users.write'],
      ['POST', '/users/x/end-sessions', 'admin/users.write'],
      ['GET', '/clients', 'admin/clients.read'],
      ['POST', '/clients', 'admin/clients.write'],
      ['DELETE', '/clients/x', 'admin/clients.write'],
      ['POST', '/clients/x/secret', 'admin/clients.write'],
      ['GET', '/policies/x', 'admin/policies.read'],
      ['PUT', '/policies/x', 'admin/policies.write'],
      ['DELETE', '/policies/x', 'admin/policies.write'],
      ['GET', '/grants', 'admin/grants.read'],
      ['DELETE', '/grants/x', 'admin/grants.write'],
      ['POST', '/access-check', 'admin/access.read'],
      ['GET', '/subscriptions', 'admin/subscriptions.read'],
      ['POST', '/subscriptions/x/replay', 'admin/subscriptions.write'],
      ['GET', '/metrics', 'admin/metrics.read'],
      ['GET', '/jobs', 'admin/jobs.read'],
      ['DELETE', '/jobs/x', 'admin/jobs.write'],
      ['GET', '/packages', 'admin/packages.read'],
      ['POST', '/packages', 'admin/packages.write'],
    ] as const;
    for (const scope of ADMIN_SCOPES) {
      const { access_token: token } = await serviceTokens(server, 'robot', scope);
      for (const [method, path, needed] of addresses) {
        const body = method === 'POST' || method === 'PUT' ? { body: {} } : {};
        const { status } = await call(token, method, path, body);
        expect([scope, method, path, status === 403]).toEqual([scope, method, path, scope !== needed]);
      }
    }
  });

  test('reaches no resource: a token with admin scopes alone is 403 for the FHIR API.', async () => {
    const requests = [['GET', 'Patient'], ['GET', 'Patient/p1'], ['POST', 'Patient'], ['GET', '_history'], ['GET', 'AuditEvent'], ['POST', '']] as const; // prettier-ignore
    for (const token of [tokens.boss, tokens.robot])
      for (const [method, path] of requests) {
        const body = method === 'POST' ? { body: path === '' ? { resourceType: 'Bundle', type: 'batch', entry: [{ request: { method: 'GET', url: 'Patient' } }] } : { resourceType: 'Patient' } } : {}; // prettier-ignore
        const response = await server.fhir(method, path, { token, ...body });
        const text = await response.text();
        expect([path, response.status === 403 || text.includes('"403')]).toEqual([path, true]);
      }
  });

  test('gives its scopes to no user whose policy does not let him administer, whatever the app may ask for (attack 38).', async () => {
    const { scope, access_token: token } = await consoleTokens(server, 'doctor', `user/Patient.rs ${ALL}`);
    expect(scope).toBe('user/Patient.rs');
    expect((await call(token, 'GET', '/users')).status).toBe(403);
    expect((await consoleTokens(server, 'boss', `user/Patient.rs ${ALL}`)).scope?.split(' ').toSorted()).toEqual(['user/Patient.rs', ...ADMIN_SCOPES].toSorted()); // prettier-ignore
    expect((await serviceTokens(server, 'reader', ALL)).error).toBe('invalid_scope');
  });

  test('answers what it has no address or method for, and what is no JSON, with an OperationOutcome.', async () => {
    expect((await asBoss('GET', '/nothing')).status).toBe(404);
    const patched = await asBoss('PATCH', '/policies');
    expect([patched.status, patched.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    const headers = { 'Content-Type': 'text/plain' };
    expect((await asBoss('POST', '/users', { body: '{}', headers })).status).toBe(415);
    for (const body of [
      '{',
      '[]',
      '"x"',
      '{"username":"a","username":"b"}',
      '{"__proto__":{"role":"admin"}}',
    ])
      expect([body, (await asBoss('POST', '/users', { body })).status]).toEqual([body, 400]);
    expect((await asBoss('POST', '/users', { body: `"${'x'.repeat(2_000_000)}"` })).status).toBe(413);
    expect((await asBoss('GET', '/users?limit=0')).status).toBe(400);
    expect((await asBoss('GET', '/users?after=a&after=b')).status).toBe(400);
    expect((await asBoss('GET', '/users')).headers.get('cache-control')).toBe('no-store');
  });
});

describe('Users', () => {
  const nurse = { role: 'nurse', fhirUser: 'Practitioner/n1', organization: 'Organization/o1' };

  test('are created with a temporary password that is shown once, and changed by the state that was seen.', async () => {
    const created = await asBoss('POST', '/users', { body: { username: 'nora', ...nurse } });
    expect([created.status, created.headers.get('location')]).toEqual([201, `/admin/users/${created.body['id'] as string}`]); // prettier-ignore
    expect(created.body).toMatchObject({
      username: 'nora',
      ...nurse,
      disabled: false,
      mustChangePassword: true,
    });
    expect(String(created.body['temporaryPassword']).length).toBeGreaterThanOrEqual(20);
    const path = `/users/${created.body['id'] as string}`;
    const read = await asBoss('GET', path);
    expect(JSON.stringify(read.body)).not.toMatch(/password"|argon2|hash/);
    expect((await asBoss('POST', '/users', { body: { username: 'nora', ...nurse } })).status).toBe(409);
    const changed = { ...nurse, role: 'doctor', clearance: ['R'] };
    expect((await asBoss('PUT', path, { body: changed })).status).toBe(428);
    expect((await asBoss('PUT', path, { body: changed, headers: { 'If-Match': 'W/"other"' } })).status).toBe(
      412,
    );
    const put = await asBoss('PUT', path, { body: changed, headers: ifMatch(read) });
    expect([put.status, put.body['role'], put.body['clearance']]).toEqual([200, 'doctor', ['R']]);
    expect((await asBoss('PUT', path, { body: changed, headers: ifMatch(read) })).status).toBe(412);
    expect((await asBoss('PUT', path, { body: { ...changed, username: 'other' }, headers: ifMatch(put) })).status).toBe(400); // prettier-ignore
  });

  test.each([
    ['an unknown role', { role: 'nothing' }, 'role'],
    ['a fhirUser that is nobody', { fhirUser: 'Observation/1' }, 'fhirUser'],
    ['an organization that is none', { organization: 'Patient/1' }, 'organization'],
    ['an unknown clearance', { clearance: ['X'] }, 'clearance[0]'],
    ['a name with line breaks', { username: 'a\nb' }, 'username'],
    ['a password of his choice', { password: 'x' }, 'password'],
  ])('with %s are refused at the place.', async (_what, part, place) => {
    const answer = await asBoss('POST', '/users', { body: { username: 'someone', ...nurse, ...part } });
    expect([answer.status, places(answer)]).toEqual([400, [place]]);
  });

  test('who are disabled lose sessions and tokens at once, and do not get them back (smart 124).', async () => {
    const got = await consoleTokens(server, 'receptionist', 'user/Patient.rs offline_access');
    expect(await isAlive(got.access_token)).toBe(true);
    const path = `/users/${await userId('receptionist')}`;
    const read = await asBoss('GET', path);
    const { role, fhirUser } = read.body;
    const off = await asBoss('PUT', path, {
      body: { role, fhirUser, disabled: true },
      headers: ifMatch(read),
    });
    expect(off.status).toBe(200);
    expect(await died(got.access_token)).toBe(true);
    expect((await consoleTokens(server, 'receptionist', 'user/Patient.rs')).access_token).toBeUndefined();
    const on = await asBoss('PUT', path, { body: { role, fhirUser }, headers: ifMatch(off) });
    expect(on.status).toBe(200);
    expect(await died(got.access_token)).toBe(true);
    expect((await refreshed(server, got.refresh_token)).error).toBe('invalid_grant');
  });

  test('whose role changes have the rights of the new one at once (smart 124).', async () => {
    const created = await asBoss('POST', '/users', { body: { username: 'changing', role: 'doctor', fhirUser: 'Practitioner/c' } }); // prettier-ignore
    await database.query(`update auth.users set must_change_password = false, password_hash = (select password_hash from auth.users where username = 'boss') where username = 'changing'`); // prettier-ignore
    const { access_token: token } = await consoleTokens(server, 'changing', 'user/Condition.cruds');
    expect((await server.fhir('GET', 'Condition', { token: token ?? '' })).status).toBe(200);
    const path = `/users/${created.body['id'] as string}`;
    const body = { role: 'receptionist', fhirUser: 'Practitioner/c' };
    await asBoss('PUT', path, { body, headers: { 'If-Match': '*' } });
    expect(await admin.answersSoon(token, 'Condition', 403)).toBe(true);
  });

  test('who get a temporary password are out with the old one, and so are those whose sessions are ended (attack 33).', async () => {
    const path = `/users/${await userId('patient')}`;
    for (const end of ['end-sessions', 'temporary-password']) {
      const got = await consoleTokens(server, 'patient', 'user/Patient.rs offline_access');
      expect(await isAlive(got.access_token)).toBe(true);
      const answer = await asBoss('POST', `${path}/${end}`);
      expect([200, 204]).toContain(answer.status);
      expect(await died(got.access_token)).toBe(true);
      expect((await refreshed(server, got.refresh_token)).error).toBe('invalid_grant');
    }
    expect((await consoleTokens(server, 'patient', 'user/Patient.rs')).access_token).toBeUndefined();
  });
});

describe('Nobody raises himself (attack 40)', () => {
  test('by his own account, the policy of his role or his own registration.', async () => {
    const own = `/users/${await userId('boss')}`;
    const body = { role: 'admin', fhirUser: 'Practitioner/other', clearance: ['V'] };
    expect((await asBoss('PUT', own, { body, headers: { 'If-Match': '*' } })).status).toBe(403);
    expect((await asBoss('POST', `${own}/temporary-password`)).status).toBe(403);
    const admin = await asBoss('GET', '/policies/admin');
    expect(
      (await asBoss('PUT', '/policies/admin', { body: admin.body, headers: ifMatch(admin) })).status,
    ).toBe(403);
    const client = await call(tokens.robot, 'GET', '/policies/client');
    expect((await call(tokens.robot, 'PUT', '/policies/client', { body: client.body, headers: ifMatch(client) })).status).toBe(403); // prettier-ignore
    const registration = { name: 'robot', scope: `system/*.cruds ${ALL}` };
    expect((await call(tokens.robot, 'PUT', '/clients/robot', { body: registration, headers: { 'If-Match': '*' } })).status).toBe(403); // prettier-ignore
    expect((await call(tokens.robot, 'POST', '/clients/robot/secret')).status).toBe(403);
    expect((await call(tokens.robot, 'DELETE', '/clients/robot')).status).toBe(403);
  });

  test('by another that he makes: a service gives no scopes that it lacks, and appoints nobody with some of them.', async () => {
    const service = { name: 'x', secret: true, scope: 'system/*.rs admin/policies.read' };
    expect((await call(tokens.clerk, 'POST', '/clients', { body: service })).status).toBe(403);
    expect((await call(tokens.clerk, 'POST', '/clients/robot/secret')).status).toBe(403);
    const user = { username: 'raised', role: 'admin', fhirUser: 'Practitioner/r' };
    expect((await call(tokens.clerk, 'POST', '/users', { body: user })).status).toBe(403);
    expect(
      (await call(tokens.clerk, 'POST', `/users/${await userId('deputy')}/temporary-password`)).status,
    ).toBe(403);
    const policy = { name: 'raised', rules: [], administration: true };
    expect((await call(tokens.clerk, 'PUT', '/policies/raised', { body: policy })).status).toBe(403);
    expect((await call(tokens.robot, 'POST', '/users', { body: user })).status).toBe(201);
  });

  test('and the last who can administer stays.', async () => {
    const others = ['boss', 'deputy', 'raised'];
    const off = async (username: string): Promise<number> => {
      const path = `/users/${await userId(username)}`;
      const body = { role: 'admin', fhirUser: 'Practitioner/x', disabled: true };
      return (await call(tokens.robot, 'PUT', path, { body, headers: { 'If-Match': '*' } })).status;
    };
    const demote = async (username: string): Promise<number> => {
      const path = `/users/${await userId(username)}`;
      const body = { role: 'nurse', fhirUser: 'Practitioner/x' };
      return (await call(tokens.robot, 'PUT', path, { body, headers: { 'If-Match': '*' } })).status;
    };
    expect(await demote('raised')).toBe(200);
    expect((await Promise.all(others.slice(0, 2).map(off))).toSorted()).toEqual([200, 409]);
    const { rows } = await database.query<{ username: string; disabled: boolean }>(`select username, disabled from auth.users where role = 'admin' order by disabled`); // prettier-ignore
    expect(rows.map(({ disabled }) => disabled)).toEqual([false, true]);
    await database.query(`update auth.users set disabled = false where role = 'admin'`);
    await database.query(`update auth.users set disabled = true where username = 'deputy'`);
    await admin.bossAgain();
    expect(await demote('boss')).toBe(409);
    const policy = await call(tokens.robot, 'GET', '/policies/admin');
    const { administration: _gone, ...without } = policy.body;
    expect(
      (await call(tokens.robot, 'PUT', '/policies/admin', { body: without, headers: ifMatch(policy) }))
        .status,
    ).toBe(409);
  });
});
