/** Which scopes are granted, how they are echoed, and that they hold. https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, Observation, Resource } from '@medplum/fhirtypes';
import type { Pool } from '../../../src/db/index.ts';
import { authorize, redeem, type TokenAnswer } from '../../support/app-flow.ts';
import { TestBrowser } from '../../support/browser.ts';
import { poolOf, provision } from '../../support/oauth-caller.ts';
import { CLINIC, REDIRECT, startTestServer, type TestServer } from '../../support/server.ts';

const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';
const LABORATORY = `Observation.rs?category=${CATEGORY}|laboratory`;

let server: TestServer;
let pool: Pool;
const browsers = new Map<string, TestBrowser>();

beforeAll(async () => {
  server = await startTestServer();
  pool = poolOf(server);
  const app = { redirectUris: [REDIRECT], skipConsent: true };
  await provision(pool, {
    clients: [
      { ...app, clientId: 'wide', name: 'Wide', scope: 'launch/patient patient/*.cruds user/*.cruds' },
      { ...app, clientId: 'reader', name: 'Reader', scope: 'launch/patient patient/*.rs' },
      { ...app, clientId: 'granular', name: 'Granular', scope: `launch/patient patient/${LABORATORY}` },
    ],
  });
  for (const id of ['p1', 'p2']) {
    const managingOrganization = { reference: CLINIC };
    await put({ resourceType: 'Patient', id, managingOrganization });
    await put(observation(`lab-${id}`, id, 'laboratory'));
    await put(observation(`vital-${id}`, id, 'vital-signs', [`Observation/lab-${id}`]));
  }
  await put(observation('panel-p1', 'p1', 'laboratory', ['Observation/vital-p1', 'Observation/lab-p2']));
}, 30_000);
afterAll(async () => {
  await pool.end();
  await server.close();
});

const observation = (id: string, patient: string, code: string, members: string[] = []): Observation => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: 'x' },
  category: [{ coding: [{ system: CATEGORY, code }] }],
  subject: { reference: `Patient/${patient}` },
  ...(members.length === 0 ? {} : { hasMember: members.map((reference) => ({ reference })) }),
});

async function put(resource: Resource): Promise<void> {
  const { status } = await server.fhir('PUT', `${resource.resourceType}/${resource.id}`, { body: resource });
  expect(status).toBeLessThan(300);
}

async function allow(scope: string, client = 'wide', username = 'doctor'): Promise<Partial<TokenAnswer>> {
  const browser = browsers.get(username) ?? new TestBrowser(server.baseUrl);
  browsers.set(username, browser);
  const arrival = await authorize(server, username, { client_id: client, scope }, { browser });
  if (!arrival.url.searchParams.has('code'))
    return { error: arrival.url.searchParams.get('error') ?? 'none' };
  return redeem(server, arrival, { client_id: client });
}

const status = (method: string, path: string, token: string | undefined, body?: object): Promise<number> =>
  server.fhir(method, path, { token: token ?? null, ...(body && { body }) }).then((answer) => answer.status);

async function idsOf(path: string, token: string | undefined): Promise<string[]> {
  const answer = await server.fhir('GET', path, { token: token ?? null });
  const { entry = [] } = (await answer.json()) as Bundle;
  return entry.map(({ resource }) => resource?.id ?? '').sort();
}

test.each([
  'patient/Observation.rs',
  'patient/*.cruds',
  'patient/Patient.r patient/Observation.s',
  'user/Observation.cud',
  'patient/Observation.read patient/Patient.*',
  'user/*.write',
  `patient/${LABORATORY} patient/Patient.rs`,
  `patient/Observation.rs?category=${CATEGORY}|laboratory&status=final`,
])('%s is granted and echoed as it was asked for (smart 88) (smart 89) (smart 90)', async (scope) => {
  const answer = await allow(`launch/patient ${scope}`);
  expect(answer.scope?.split(' ').sort()).toEqual(['launch/patient', ...scope.split(' ')].sort());
});

test.each([
  ['letters out of order', 'patient/Observation.sr'],
  ['an unknown letter', 'patient/Observation.cruda'],
  ['a letter twice', 'patient/Observation.rrs'],
  ['no letters', 'patient/Observation.'],
  ['a v1 word with a v2 letter', 'patient/Observation.reads'],
  ['an unknown type', 'patient/Observatio.rs'],
  ['a type in lower case', 'patient/observation.rs'],
  ['an unknown level', 'group/Observation.rs'],
  ['an include', `patient/Observation.rs?_include=Observation:subject`],
  ['a reverse chain', 'patient/Patient.rs?_has:Observation:patient:code=x'],
  ['a chain', 'patient/Observation.rs?subject.name=x'],
  ['a parameter that is not there', 'patient/Observation.rs?nonsense=1'],
  ['a parameter that only counts', 'patient/Observation.rs?_count=1'],
  ['an empty value', 'patient/Observation.rs?category='],
  ['an empty query', 'patient/Observation.rs?'],
  ['two question marks', 'patient/Observation.rs??category=laboratory'],
  ['a second query', `patient/${LABORATORY}?status=final`],
  ['a limit on a v1 form', 'patient/Observation.read?category=laboratory'],
  ['a level that is not of users', 'system/*.rs'],
])(
  'A scope with %s is not granted, and what stands beside it is (smart 95) (smart 96) (smart 97) (attack 38)',
  async (_title, scope) => {
    const answer = await allow(`launch/patient patient/Patient.r ${scope}`);
    expect(answer.scope?.split(' ').sort()).toEqual(['launch/patient', 'patient/Patient.r']);
  },
);

test('A client gets no more than it is registered for, and within that what is narrower (smart 94) (attack 38)', async () => {
  const asked =
    'launch/patient patient/*.* patient/*.cruds patient/Patient.cud user/*.rs patient/Observation.rs';
  expect((await allow(asked, 'reader')).scope).toBe('launch/patient patient/Observation.rs');
  const wider = `launch/patient patient/Observation.rs patient/*.rs patient/${LABORATORY}`;
  expect((await allow(wider, 'granular')).scope).toBe(`launch/patient patient/${LABORATORY}`);
});

test('Reading does not search, and searching does not read (smart 93)', async () => {
  const { access_token: reading } = await allow('launch/patient patient/Observation.r');
  const { access_token: searching } = await allow('launch/patient patient/Observation.s');
  const paths = [
    'Observation/lab-p1',
    'Observation/lab-p1/_history/1',
    'Observation',
    'Observation?_id=lab-p1',
  ];
  const of = (token: string | undefined): Promise<number[]> =>
    Promise.all(paths.map((path) => status('GET', path, token)));
  expect(await of(reading)).toEqual([200, 200, 403, 403]);
  expect(await of(searching)).toEqual([403, 403, 200, 200]);
});

test('v1 scopes mean what they say: read searches as well, write does not read (smart 89)', async () => {
  const { access_token: read } = await allow('launch/patient patient/Observation.read');
  const { access_token: write } = await allow('launch/patient patient/Observation.write');
  const changed = observation('lab-p1', 'p1', 'laboratory');
  expect(await status('GET', 'Observation/lab-p1', read)).toBe(200);
  expect(await status('GET', 'Observation', read)).toBe(200);
  expect(await status('PUT', 'Observation/lab-p1', read, changed)).toBe(403);
  expect(await status('GET', 'Observation/lab-p1', write)).toBe(403);
  expect(await status('PUT', 'Observation/lab-p1', write, changed)).toBeLessThan(300);
});

describe('A granular scope', () => {
  test('holds for reading, versions, search, history and what a search brings along (smart 90)', async () => {
    const { access_token: token } = await allow(`launch/patient patient/${LABORATORY}`);
    expect(await status('GET', 'Observation/lab-p1', token)).toBe(200);
    for (const path of ['Observation/vital-p1', 'Observation/vital-p1/_history/1', 'Observation/lab-p2'])
      expect([403, 404]).toContain(await status('GET', path, token));
    expect(await idsOf('Observation', token)).toEqual(['lab-p1', 'panel-p1']);
    expect(await idsOf(`Observation?category=${CATEGORY}|vital-signs`, token)).toEqual([]);
    expect(await idsOf('Observation?_include=Observation:has-member&_id=panel-p1', token)).toEqual([
      'panel-p1',
    ]);
    expect(await idsOf('Observation?_revinclude=Observation:has-member&_id=lab-p1', token)).toEqual([
      'lab-p1',
    ]);
    expect(new Set(await idsOf('Observation/_history', token))).toEqual(new Set(['lab-p1', 'panel-p1']));
    expect(await status('GET', 'Observation/vital-p1/_history', token)).not.toBe(200);
  });

  test('joins others as a union, and widens none: that of one type nothing of another (smart 98)', async () => {
    const vital = `patient/Observation.r?category=${CATEGORY}|vital-signs`;
    const { access_token: token } = await allow(
      `launch/patient patient/${LABORATORY} ${vital} patient/Patient.r`,
    );
    expect(await idsOf('Observation', token)).toEqual(['lab-p1', 'panel-p1']);
    const read = (path: string): Promise<number> => status('GET', path, token);
    expect([await read('Observation/vital-p1'), await read('Observation/lab-p1')]).toEqual([200, 200]);
    expect([await read('Patient/p1'), await read('Patient?_id=p1')]).toEqual([200, 403]);
    expect(await read('Condition')).toBe(403);
  });

  test('with several values gives what has one of them and no more (attack 38)', async () => {
    const scope = `patient/Observation.rs?category=${CATEGORY}|laboratory,${CATEGORY}|survey`;
    const { access_token: token } = await allow(`launch/patient ${scope}`);
    expect(await idsOf('Observation', token)).toEqual(['lab-p1', 'panel-p1']);
  });
});

test('Scopes of a patient reach his compartment, and those of a user what he may do himself (smart 94) (attack 38)', async () => {
  const { access_token: compartment } = await allow('launch/patient patient/*.cruds');
  expect(await idsOf('Observation', compartment)).toEqual(['lab-p1', 'panel-p1', 'vital-p1']);
  expect(await status('GET', 'Patient/p2', compartment)).toBe(404);
  const { access_token: desk } = await allow('user/*.cruds', 'wide', 'receptionist');
  expect(await status('GET', 'Patient/p2', desk)).toBe(200);
  expect(await status('GET', 'Observation/lab-p2', desk)).toBe(403);
  const { access_token: patient } = await allow('user/*.cruds', 'wide', 'patient');
  expect(await status('GET', 'Patient/p1', patient)).toBe(200);
  expect(await status('GET', 'Patient/p2', patient)).not.toBe(200);
});
