/** POST /admin/access-check: the decision that a user's request meets, with nothing of what it would be sent. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ADMIN_SCOPES } from '../../src/auth/index.ts';
import { places, serviceTokens, startAdministration, type Administration } from '../support/admin.ts';
import { appToken } from '../support/app-token.ts';
import { startTestSealer } from '../support/audit.ts';
import { CLINIC } from '../support/server.ts';

let admin: Administration;
const ids: Record<string, string> = {};

const patient = (id: string, organization: string) => ({
  resourceType: 'Patient',
  id,
  managingOrganization: { reference: organization },
});
const observation = (id: string, of: string) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: 'a value that stays secret' },
  subject: { reference: `Patient/${of}` },
});

beforeAll(async () => {
  admin = await startAdministration();
  for (const resource of [
    { resourceType: 'Organization', id: 'o', name: 'Clinic' },
    { resourceType: 'Organization', id: 'elsewhere', name: 'Other clinic' },
    patient('p1', CLINIC),
    patient('p2', 'Organization/elsewhere'),
    observation('mine', 'p1'),
    observation('also-mine', 'p1'),
    observation('theirs', 'p2'),
  ])
    await admin.server.fhir('PUT', `${resource.resourceType}/${resource.id}`, { body: resource });
  for (const name of ['doctor', 'receptionist', 'patient']) ids[name] = await admin.userId(name);
}, 60_000);

afterAll(() => admin.close());

const ask = (user: string, question: object, scope = 'user/*.cruds') =>
  admin.asBoss('POST', '/access-check', { body: { user: ids[user] ?? user, scope, ...question } });

test('A doctor may read an Observation of his patients, and a receptionist none; both are told why.', async () => {
  const question = { interaction: 'read', resourceType: 'Observation', id: 'mine' };
  const doctor = await ask('doctor', question);
  expect([doctor.status, doctor.body]).toMatchObject([
    200,
    { permitted: true, scopes: ['user/*.cruds'], rules: [{ resourceType: 'Observation' }] },
  ]);
  expect((await ask('receptionist', question)).body).toEqual({
    permitted: false,
    reason: 'The policy receptionist does not permit read of Observation.',
    scopes: [],
    rules: [],
  });
  expect((await ask('doctor', question, 'user/Patient.rs')).body).toMatchObject({
    permitted: false,
    reason: 'The scopes of the token do not permit read of Observation.',
  });
});

test('The answers agree with what the user is given, for one resource and for the number of a search.', async () => {
  const token = await appToken(admin.server, 'doctor', 'user/*.cruds');
  for (const id of ['mine', 'theirs', 'nowhere']) {
    const { status } = await admin.server.fhir('GET', `Observation/${id}`, { token });
    const { body } = await ask('doctor', { interaction: 'read', resourceType: 'Observation', id });
    expect([id, body['permitted']]).toEqual([id, status === 200]);
  }
  const found = (await (await admin.server.fhir('GET', 'Observation?_total=accurate', { token })).json()) as {
    total: number;
  };
  const { body } = await ask('doctor', { interaction: 'search-type', resourceType: 'Observation' });
  expect(body).toMatchObject({ permitted: true, total: found.total });
  expect(found.total).toBe(2);
  const theirs = { interaction: 'update', resourceType: 'Observation', id: 'theirs' };
  expect((await ask('doctor', theirs)).body['reason']).toMatch(/permit update of some Observation, and not of this one/); // prettier-ignore
  expect((await ask('patient', { interaction: 'search-type', resourceType: 'Observation' }, 'patient/*.rs')).body).toMatchObject({ permitted: true, total: 2 }); // prettier-ignore
});

test('Nothing of a resource is told, and no scope with parameters can be used to ask for it.', async () => {
  for (const id of ['mine', 'theirs']) {
    const { body } = await ask('doctor', { interaction: 'read', resourceType: 'Observation', id });
    expect(JSON.stringify(body)).not.toMatch(/secret|Patient\/p/);
  }
  const question = { interaction: 'read', resourceType: 'Observation', id: 'mine' };
  const sly = await ask('doctor', question, 'user/Observation.rs?code=x');
  expect([sly.status, places(sly)]).toEqual([400, ['scope']]);
});

test('Questions that are none are refused with their places, and an unknown user is 404.', async () => {
  const answer = await ask('not-an-id', { interaction: 'peek', resourceType: 'Thing', id: '../1', code: 'x' }, 'sudo'); // prettier-ignore
  expect(answer.status).toBe(400);
  expect(places(answer).toSorted()).toEqual(['code', 'id', 'interaction', 'resourceType', 'scope', 'user']);
  const ofType = await ask('doctor', { interaction: 'create', resourceType: 'Observation', id: 'mine' });
  expect([ofType.status, places(ofType)]).toEqual([400, ['id']]);
  const unknown = await ask('00000000-0000-0000-0000-000000000000', { interaction: 'read', resourceType: 'Patient' }); // prettier-ignore
  expect(unknown.status).toBe(404);
});

test('A token without its scope is 403 before anything is looked up, whatever else it may.', async () => {
  const body = { user: ids['doctor'], scope: 'user/*.cruds', interaction: 'read', resourceType: 'Patient' };
  const others = ADMIN_SCOPES.filter((scope) => scope !== 'admin/access.read').join(' ');
  const tokens = [
    await appToken(admin.server, 'doctor', 'user/*.cruds'),
    await admin.server.token('system/*.cruds'),
    (await serviceTokens(admin.server, 'robot', others)).access_token,
  ];
  for (const token of tokens) {
    const answer = await admin.call(token, 'POST', '/access-check', { body });
    expect([answer.status, answer.body['resourceType']]).toEqual([403, 'OperationOutcome']);
  }
  expect((await admin.call(undefined, 'POST', '/access-check', { body })).status).toBe(401);
});

test('A disabled user may do nothing.', async () => {
  const body = { username: 'gone', role: 'doctor', fhirUser: 'Practitioner/gone' };
  const { body: user, headers } = await admin.asBoss('POST', '/users', { body });
  const { temporaryPassword: _shown, ...account } = user;
  await admin.asBoss('PUT', `/users/${String(user['id'])}`, { body: { ...account, disabled: true }, headers: { 'If-Match': headers.get('etag') ?? '' } }); // prettier-ignore
  const answer = await ask(String(user['id']), { interaction: 'read', resourceType: 'Patient' });
  expect(answer.body).toMatchObject({
    permitted: false,
    reason: 'The user is disabled, and may do nothing.',
  });
});

test('Each question is in the audit, with the resource that it was about.', async () => {
  await ask('doctor', { interaction: 'read', resourceType: 'Observation', id: 'also-mine' });
  const sealer = startTestSealer(admin.server);
  try {
    const query = 'AuditEvent?entity=Observation/also-mine&patient=p1';
    const described = async (): Promise<string[]> => {
      const bundle = (await (await admin.server.fhir('GET', query)).json()) as {
        entry?: { resource: { outcomeDesc?: string } }[];
      };
      return (bundle.entry ?? []).flatMap(({ resource }) => resource.outcomeDesc ?? []);
    };
    const wanted = `rights of user ${ids['doctor']} looked up: read of Observation`;
    const end = Date.now() + 5_000;
    while (!(await described()).includes(wanted) && Date.now() < end)
      await new Promise((f) => setTimeout(f, 50));
    expect(await described()).toContain(wanted);
  } finally {
    await sealer.stop();
  }
});
