/** Elements that a policy hides leave no trace, and those that it lets be read only stay as they are. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SHIPPED_POLICIES } from '../../../src/access/index.ts';
import { addRights, seen, userToken } from '../../support/rights.ts';
import { CLINIC, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let clerk: string;

const SECRET = 'SSN-4711';
const patient = {
  resourceType: 'Patient',
  id: 'p1',
  text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${SECRET}</div>` },
  identifier: [{ system: 'urn:ssn', value: SECRET }],
  name: [{ family: 'Able' }],
  gender: 'female',
  birthDate: '1970-01-01',
  managingOrganization: { reference: CLINIC },
};
const observation = {
  resourceType: 'Observation',
  id: 'o1',
  status: 'final',
  code: { text: 'weight' },
  subject: { reference: 'Patient/p1' },
  valueQuantity: { value: 71.5, unit: 'kg' },
  contained: [{ resourceType: 'Patient', id: 'twin', identifier: [{ value: SECRET }] }],
  focus: [{ reference: '#twin' }],
};

const { rules } = SHIPPED_POLICIES.find((policy) => policy.name === 'doctor')!;

beforeAll(async () => {
  server = await startTestServer();
  await addRights(server, {
    policies: [
      {
        name: 'clerk',
        rules: [...rules, { resourceType: 'Subscription', interactions: '*' }],
        elements: [
          { resourceType: 'Patient', hidden: ['identifier'], readonly: ['birthDate'] },
          { resourceType: 'Observation', hidden: ['value'] },
        ],
      },
    ],
    users: [{ username: 'clerk', role: 'clerk', fhirUser: 'Practitioner/clerk', organization: CLINIC }],
  });
  for (const resource of [patient, observation]) {
    const response = await server.fhir('PUT', `${resource.resourceType}/${resource.id}`, { body: resource });
    if (!response.ok) throw new Error(await response.text());
  }
  clerk = await userToken(server, 'clerk');
}, 40_000);
afterAll(() => server.close());

interface Sent {
  readonly status: number;
  readonly text: string;
}

async function ask(path: string, method = 'GET', body?: string | object, headers = {}): Promise<Sent> {
  const response = await server.fhir(method, path, {
    token: clerk,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, text: await response.text() };
}

const stored = async (name: string): Promise<Record<string, unknown>> =>
  (await (await server.fhir('GET', name)).json()) as Record<string, unknown>;

describe('A hidden element', () => {
  test.each([
    'Patient/p1',
    'Patient/p1?_elements=identifier',
    'Patient/p1?_summary=true',
    'Patient/p1?_summary=text',
    'Patient/p1/_history/1',
    'Patient/p1/_history',
    'Patient/_history',
    '_history',
    'Patient',
    'Patient?_elements=identifier,text',
    'Observation',
    'Observation?_include=Observation:subject',
    'Patient?_revinclude=Observation:subject',
    'Patient/p1/$everything',
    'Patient/p1/*',
    '?_type=Patient,Observation',
    'Observation/$lastn?patient=p1',
    'Observation/o1',
  ])('is not in %s.', async (path) => {
    const { status, text } = await ask(path);
    expect([status, text.includes(SECRET), text.includes('71.5')]).toEqual([200, false, false]);
    expect(text).toMatch(/REDACTED|SUBSETTED/);
  });

  test('is not in what batches, writes, $diff and $validate answer.', async () => {
    const batch = {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ request: { method: 'GET', url: 'Patient/p1' } }],
    };
    const other = {
      resourceType: 'Patient',
      id: 'p9',
      identifier: [{ value: SECRET }],
      managingOrganization: { reference: CLINIC },
    };
    await server.fhir('PUT', 'Patient/p9', { body: other });
    for (const { status, text } of [
      await ask('', 'POST', batch),
      await ask('$diff?from=Patient/p1&to=Patient/p9'),
      await ask('Patient/p1/$validate'),
    ]) expect([status, text.includes(SECRET)]).toEqual([200, false]); // prettier-ignore
  });

  test.each([
    'Patient?identifier=x',
    'Patient?identifier:missing=false',
    'Patient?identifier:not=x',
    'Patient?_sort=identifier',
    `Patient?_filter=${encodeURIComponent('identifier eq "x"')}`,
    'Patient?_content=x',
    'Patient?_text=x',
    'Observation?subject:Patient.identifier=x',
    'Observation?patient.identifier=x',
    'Patient?_has:Observation:patient:value-quantity=71.5',
    'Observation?value-quantity=71.5',
    'Observation?code-value-quantity=x$71.5',
    'Observation?combo-value-quantity=71.5',
    'Patient/p1/Observation?value-quantity=71.5',
    '?_type=Patient&identifier=x',
    'Observation/$lastn?patient=p1&value-quantity=71.5',
  ])('is not searchable: %s is refused (attack 6).', async (path) => {
    expect((await ask(path)).status).toBe(403);
  });

  test('is no condition of a write, and no criterion of a Subscription.', async () => {
    const body = { resourceType: 'Patient', managingOrganization: { reference: CLINIC } };
    expect((await ask('Patient', 'POST', body, { 'If-None-Exist': `identifier=${SECRET}` })).status).toBe(
      403,
    );
    expect((await ask(`Patient?identifier=${SECRET}`, 'PUT', body)).status).toBe(403);
    expect((await ask(`Patient?identifier=${SECRET}`, 'DELETE')).status).toBe(403);
    const subscription = { resourceType: 'Subscription', status: 'requested', reason: 'x', criteria: `Patient?identifier=${SECRET}`, channel: { type: 'rest-hook', endpoint: 'https://a.example' } }; // prettier-ignore
    expect((await ask('Subscription', 'POST', subscription)).status).toBe(403);
  });

  test('can be neither tested nor moved by a patch.', async () => {
    const json = { 'Content-Type': 'application/json-patch+json' };
    const tested = [
      { op: 'test', path: '/identifier/0/value', value: SECRET },
      { op: 'replace', path: '/gender', value: 'male' },
    ];
    const copied = [{ op: 'copy', from: '/identifier/0/value', path: '/name/0/family' }];
    for (const operations of [tested, copied])
      expect(
        (await ask('Patient/p1', 'PATCH', JSON.stringify(operations), json)).status,
      ).toBeGreaterThanOrEqual(400);
    expect((await stored('Patient/p1'))['gender']).toBe('female');
  });

  test('stays when the caller changes what he sees, and is not his to write.', async () => {
    const { text } = await ask('Patient/p1');
    const own = JSON.parse(text) as Record<string, unknown>;
    const changed = await ask('Patient/p1', 'PUT', { ...own, gender: 'other' });
    expect([changed.status, changed.text.includes(SECRET)]).toEqual([200, false]);
    const now = await stored('Patient/p1');
    expect(now).toMatchObject({ gender: 'other', identifier: patient.identifier, text: patient.text });
    expect(JSON.stringify(now)).not.toContain('REDACTED');
    const patched = await ask('Patient/p1', 'PATCH', JSON.stringify([{ op: 'replace', path: '/gender', value: 'female' }]), { 'Content-Type': 'application/json-patch+json' }); // prettier-ignore
    expect(patched.status).toBe(200);
    expect(await stored('Patient/p1')).toMatchObject({ gender: 'female', identifier: patient.identifier });
    for (const identifier of [[{ value: 'mine' }], patient.identifier])
      expect((await ask('Patient/p1', 'PUT', { ...own, identifier })).status).toBe(403);
    const fresh = {
      resourceType: 'Patient',
      identifier: [{ value: 'x' }],
      managingOrganization: { reference: CLINIC },
    };
    expect((await ask('Patient', 'POST', fresh)).status).toBe(403);
    const transaction = { resourceType: 'Bundle', type: 'transaction', entry: [{ resource: { ...own, gender: 'male' }, request: { method: 'PUT', url: 'Patient/p1' } }] }; // prettier-ignore
    expect((await ask('', 'POST', transaction)).status).toBe(200);
    expect(await stored('Patient/p1')).toMatchObject({ gender: 'male', identifier: patient.identifier });
  });
});

test('An element that may only be read can be neither changed, removed nor set.', async () => {
  const own = JSON.parse((await ask('Patient/p1')).text) as Record<string, unknown>;
  const { birthDate: _birthDate, ...without } = own;
  expect(own['birthDate']).toBe('1970-01-01');
  for (const body of [{ ...own, birthDate: '1980-01-01' }, without])
    expect((await ask('Patient/p1', 'PUT', body)).status).toBe(403);
  const fresh = {
    resourceType: 'Patient',
    birthDate: '1980-01-01',
    managingOrganization: { reference: CLINIC },
  };
  expect((await ask('Patient', 'POST', fresh)).status).toBe(403);
  expect(await seen(server, clerk, 'Patient?birthdate=1970-01-01')).toBe('200 Patient/p1');
});

test('Who is hidden nothing sees everything.', async () => {
  expect((await (await server.fhir('GET', 'Patient/p1')).text()).includes(SECRET)).toBe(true);
  const doctor = await userToken(server, 'doctor');
  expect(await seen(server, doctor, `Patient?identifier=${SECRET}&_id=p1`)).toBe('200 Patient/p1');
});
