/** A professional reaches the records of patients of his own organization, and of those whom he himself treats, by every road. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addRights, seen, userToken } from '../../support/rights.ts';
import { CLINIC, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let doctor: string;
let admin: string;

const to = (reference: string): { reference: string } => ({ reference });
const ELSEWHERE = 'Organization/elsewhere';

/** Of the clinic, of the doctor as general practitioner, of his care team, of one that is over, of nobody he knows. */
const PATIENTS: Readonly<Record<string, object>> = {
  p1: { managingOrganization: to(CLINIC) },
  gp: { managingOrganization: to(ELSEWHERE), generalPractitioner: [to('Practitioner/doc')] },
  team: { managingOrganization: to(ELSEWHERE) },
  past: { managingOrganization: to(ELSEWHERE) },
  far: { managingOrganization: to(ELSEWHERE) },
};
const RELATED = ['gp', 'p1', 'team'];

const observation = (patient: string): object => ({
  resourceType: 'Observation',
  id: `o-${patient}`,
  status: 'final',
  code: { text: 'weight' },
  subject: to(`Patient/${patient}`),
  performer: [to('Practitioner/doc')],
  valueQuantity: { value: patient === 'far' ? 99 : 70 },
});

beforeAll(async () => {
  server = await startTestServer();
  const put = async (resource: object): Promise<void> => {
    const { resourceType, id } = resource as { resourceType: string; id: string };
    const response = await server.fhir('PUT', `${resourceType}/${id}`, { body: resource });
    if (!response.ok) throw new Error(await response.text());
  };
  await put({ resourceType: 'Practitioner', id: 'doc' });
  for (const [id, more] of Object.entries(PATIENTS)) {
    await put({ resourceType: 'Patient', id, name: [{ family: `Family${id}` }], ...more });
    await put(observation(id));
    const participant = [{ actor: to(`Patient/${id}`), status: 'accepted' }];
    await put({ resourceType: 'Appointment', id: `a-${id}`, status: 'proposed', participant });
    await put({ resourceType: 'Binary', id: `b-${id}`, contentType: 'text/plain', data: 'eA==', securityContext: to(`Observation/o-${id}`) }); // prettier-ignore
  }
  for (const [id, status] of [['team', 'active'], ['past', 'inactive']]) // prettier-ignore
    await put({ resourceType: 'CareTeam', id: `c-${id}`, status, subject: to(`Patient/${id}`), participant: [{ member: to('Practitioner/doc') }] }); // prettier-ignore
  await addRights(server, { users: [{ username: 'boss', role: 'admin', fhirUser: 'Practitioner/boss' }] });
  [doctor, admin] = [await userToken(server, 'doctor'), await userToken(server, 'boss')];
}, 40_000);
afterAll(() => server.close());

const all = (prefix: string, ids: readonly string[]): string => ids.map((id) => `${prefix}${id}`).join(' ');

describe('A doctor', () => {
  test.each([
    ['Patient?_total=accurate', `200 of 3 ${all('Patient/', RELATED)}`],
    ['Observation?_total=accurate', `200 of 3 ${all('Observation/o-', RELATED)}`],
    ['Observation?_summary=count', '200 of 3'],
    ['Observation?subject=Patient/far,Patient/p1', '200 Observation/o-p1'],
    ['Observation?patient=far&_total=accurate', '200 of 0'],
    ['Appointment', `200 ${all('Appointment/a-', RELATED)}`],
    ['Observation/_history', `200 of 3 ${all('Observation/o-', RELATED)}`],
    ['?_type=Observation,Patient&_id=o-far,o-gp,far', '200 Observation/o-gp'],
    [
      'Practitioner?_revinclude=Observation:performer',
      `200 ${all('Observation/o-', RELATED)} Practitioner/doc`,
    ],
    ['Practitioner?_has:Observation:performer:value-quantity=99', '200'],
    ['Practitioner?_has:Observation:performer:value-quantity=70', '200 Practitioner/doc'],
    ['Observation?patient.family=Familyfar', '200'],
    ['Observation?patient.family=Familygp', '200 Observation/o-gp'],
    ['Observation?patient=p1&_include=Observation:patient', '200 Observation/o-p1 Patient/p1'],
    ['Observation/$lastn?patient=far', '200 of 0'],
    ['Patient/far/$everything', '404'],
    ['Patient/far/Observation', '200'],
  ])('gets from %s: %s', async (path, expected) => {
    expect(await seen(server, doctor, path)).toBe(expected);
  });

  test("gets of a patient's whole record nothing that belongs to another whom he does not know.", async () => {
    // They are in his compartment, since he performed them.
    for (const whose of ['far', 'gp']) {
      const body = { ...observation(whose), id: `by-p1-of-${whose}`, performer: [to('Patient/p1')] };
      await server.fhir('PUT', `Observation/by-p1-of-${whose}`, { body });
    }
    const path = 'Patient/p1/$everything?_type=Observation';
    expect(await seen(server, doctor, path)).toBe('200 Observation/by-p1-of-gp Observation/o-p1');
    expect(await seen(server, admin, path)).toContain('Observation/by-p1-of-far');
    for (const whose of ['far', 'gp']) await server.fhir('DELETE', `Observation/by-p1-of-${whose}`);
  });

  test.each(['', '/_history', '/_history/1'])('reads %s of the related alone.', async (rest) => {
    for (const id of Object.keys(PATIENTS))
      for (const name of [`Patient/${id}`, `Observation/o-${id}`, `Appointment/a-${id}`]) {
        const { status } = await server.fhir('GET', name + rest, { token: doctor });
        expect(`${name} ${status}`).toBe(`${name} ${RELATED.includes(id) ? 200 : 404}`);
      }
  });

  test('reads a Binary where he may read what it belongs to.', async () => {
    expect(await seen(server, doctor, 'Binary/b-team')).toBe('200');
    expect(await seen(server, doctor, 'Binary/b-far')).toBe('404');
    expect(await seen(server, admin, 'Binary/b-far')).toBe('200');
  });

  test('writes for the related alone, before and after the change.', async () => {
    const body = (of: string, id?: string): object => ({ ...observation(of), id });
    const write = (method: string, path: string, sent: object): Promise<string> =>
      seen(server, doctor, path, { method, body: sent });
    expect(await write('POST', 'Observation', body('team'))).toBe('201');
    expect(await write('POST', 'Observation', body('far'))).toBe('403');
    expect(await write('PUT', 'Observation/o-far', body('p1', 'o-far'))).toBe('404');
    expect(await write('PUT', 'Observation/o-p1', body('far', 'o-p1'))).toBe('403');
    expect(await seen(server, doctor, 'Observation/o-far', { method: 'DELETE' })).toBe('404');
    const moved = { resourceType: 'Patient', id: 'p1', managingOrganization: to(ELSEWHERE) };
    expect(await write('PUT', 'Patient/p1', moved)).toBe('403');
  });

  test('admits a patient together with the first record of him.', async () => {
    const entry = (resource: object, url: string, uuid: string): object => ({
      fullUrl: `urn:uuid:${uuid}`,
      resource,
      request: { method: 'POST', url },
    });
    const [a, b] = ['7d7ee2a1-9d4a-4b0a-8d9c-000000000001', '7d7ee2a1-9d4a-4b0a-8d9c-000000000002'];
    const bundle = (organization: string): object => ({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        entry({ resourceType: 'Patient', managingOrganization: to(organization) }, 'Patient', a),
        entry({ ...observation('x'), subject: to(`urn:uuid:${a}`) }, 'Observation', b),
      ],
    });
    expect((await server.fhir('POST', '', { token: doctor, body: bundle(CLINIC) })).status).toBe(200);
    expect((await server.fhir('POST', '', { token: doctor, body: bundle(ELSEWHERE) })).status).toBe(403);
  });

  test('loses what he could read when the relation ends.', async () => {
    const team = (status: string): object => ({ resourceType: 'CareTeam', id: 'c-past', status, subject: to('Patient/past'), participant: [{ member: to('Practitioner/doc') }] }); // prettier-ignore
    await server.fhir('PUT', 'CareTeam/c-past', { body: team('active') });
    expect(await seen(server, doctor, 'Observation/o-past')).toBe('200');
    await server.fhir('PUT', 'CareTeam/c-past', { body: team('inactive') });
    expect(await seen(server, doctor, 'Observation/o-past')).toBe('404');
  });
});

test('An admin reads all, and a receptionist what she needs of the patients of her organization.', async () => {
  expect(await seen(server, admin, 'Observation?patient=far')).toBe('200 Observation/o-far');
  const receptionist = await userToken(server, 'receptionist');
  expect(await seen(server, receptionist, 'Patient/p1')).toBe('200');
  expect(await seen(server, receptionist, 'Patient/gp')).toBe('404');
  expect(await seen(server, receptionist, 'Observation/o-p1')).toBe('403');
  expect(await seen(server, receptionist, 'Patient?_has:Observation:patient:code=weight')).toBe('200');
});

test('Of two care teams of a patient the one that is active counts, not the other one that the doctor was in.', async () => {
  const put = async (resource: { resourceType: string; id: string }): Promise<void> => {
    const response = await server.fhir('PUT', `${resource.resourceType}/${resource.id}`, { body: resource });
    expect(response.ok).toBe(true);
  };
  const team = (id: string, status: string, member: string): { resourceType: string; id: string } =>
    ({ resourceType: 'CareTeam', id, status, subject: to('Patient/two'), participant: [{ member: to(member) }] }) as never; // prettier-ignore
  await put({ resourceType: 'Patient', id: 'two', managingOrganization: to(ELSEWHERE) } as never);
  await put(team('two-then', 'inactive', 'Practitioner/doc'));
  await put(team('two-now', 'active', 'Practitioner/other'));
  expect(await seen(server, doctor, 'Patient/two')).toBe('404');
});
