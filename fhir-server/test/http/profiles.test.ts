/** Profiles over HTTP: what claims one must conform to it. https://hl7.org/fhir/R4/profiling.html */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ElementDefinition, OperationOutcome, Patient, StructureDefinition } from '@medplum/fhirtypes';
import { startApi, type RunningApi } from '../../src/api.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { pickPort } from '../../../scripts/postgres/port.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const URL = 'https://example.org/fhir/StructureDefinition/born';
const RACE = 'https://example.org/fhir/StructureDefinition/eye-colour';

/** A Patient who has what the elements demand. */
const profile = (elements: readonly ElementDefinition[], more: object = {}): StructureDefinition => ({
  resourceType: 'StructureDefinition',
  id: 'born',
  url: URL,
  name: 'Born',
  status: 'active',
  fhirVersion: '4.0.1',
  kind: 'resource',
  abstract: false,
  type: 'Patient',
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
  derivation: 'constraint',
  differential: { element: elements.map((element) => ({ id: element.path, ...element })) },
  ...more,
});

const BORN = [{ id: 'Patient.birthDate', path: 'Patient.birthDate', min: 1 }];
const NAMED = [{ id: 'Patient.name', path: 'Patient.name', min: 1 }];

const patient = (more: object = {}, claim = URL): Patient => ({
  resourceType: 'Patient',
  meta: { profile: [claim] },
  ...more,
});

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  await put(profile(BORN));
}, 30_000);
afterAll(() => server.close());

const put = async (resource: { id?: string; resourceType: string }): Promise<Response> => {
  const response = await server.fhir('PUT', `${resource.resourceType}/${resource.id}`, { body: resource });
  expect([200, 201]).toContain(response.status);
  return response;
};

/** Status, and severity, code and place of each issue. */
async function told(response: Response): Promise<unknown[]> {
  const { issue = [] } = (await response.json()) as Partial<OperationOutcome>;
  return [response.status, ...issue.map((i) => `${i.severity} ${i.code} ${i.expression?.[0] ?? ''}`.trim())];
}

const OUTCOME = { Prefer: 'return=OperationOutcome' };

describe('What claims a known profile', () => {
  test('is refused when it does not conform, with the place, the rule and the profile.', async () => {
    const response = await server.fhir('POST', 'Patient', { body: patient() });
    const outcome = (await response.json()) as OperationOutcome;
    expect(response.status).toBe(422);
    expect(outcome.issue).toEqual([
      {
        severity: 'error',
        code: 'required',
        diagnostics: `Profile ${URL}: birthDate is required`,
        expression: ['Patient.birthDate'],
      },
    ]);
  });

  test('is stored when it conforms.', async () => {
    const response = await server.fhir('POST', 'Patient', { body: patient({ birthDate: '2000-01-01' }) });
    expect(response.status).toBe(201);
  });

  test('cannot come to break it by an update, a patch or a Bundle.', async () => {
    await put({ ...patient({ birthDate: '2000-01-01' }), id: 'p' });
    expect(await told(await server.fhir('PUT', 'Patient/p', { body: patient({ id: 'p' }) }))).toEqual([
      422,
      'error required Patient.birthDate',
    ]);
    const patch = await server.fhir('PATCH', 'Patient/p', {
      body: [{ op: 'remove', path: '/birthDate' }],
      headers: { 'Content-Type': 'application/json-patch+json' },
    });
    expect(patch.status).toBe(422);
    const entry = [{ resource: patient(), request: { method: 'POST', url: 'Patient' } }];
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry };
    expect(await told(await server.fhir('POST', '', { body: bundle }))).toEqual([
      422,
      'error required Bundle.entry[0].resource.birthDate',
    ]);
    const read = (await (await server.fhir('GET', 'Patient/p')).json()) as Patient;
    expect(read.birthDate).toBe('2000-01-01');
  });

  test('is looked at by $validate, also for a profile that it does not claim.', async () => {
    const parameters = {
      resourceType: 'Parameters',
      parameter: [
        { name: 'resource', resource: { resourceType: 'Patient' } },
        { name: 'profile', valueUri: URL },
        { name: 'profile', valueUri: 'https://example.org/none' },
      ],
    };
    const issues = await told(await server.fhir('POST', 'Patient/$validate', { body: parameters }));
    expect(issues).toContain('error required Patient.birthDate');
    expect(issues).toContain('error not-found profile');
  });
});

test('What claims an unknown profile is stored, and its writer is told.', async () => {
  const response = await server.fhir('POST', 'Patient', {
    body: patient({}, 'https://example.org/none'),
    headers: OUTCOME,
  });
  expect(await told(response)).toContain('warning not-found Patient.meta.profile[0]');
});

test.each<[string, object]>([
  ['a profile of the standard', patient({}, 'http://hl7.org/fhir/StructureDefinition/Patient')],
  ['claims that are no list', { resourceType: 'Patient', meta: { profile: 'x' } }],
  ['a claim that is no text', { resourceType: 'Patient', meta: { profile: [1, null] } }],
  ['a claim like a path', patient({}, '../../etc|passwd|x')],
  ['a profile of another type', { ...patient(), resourceType: 'Basic', code: { text: 'x' } }],
])('%s never makes a fault of the server.', async (_what, body) => {
  const { resourceType } = body as { resourceType: string };
  const { status } = await server.fhir('POST', resourceType, { body });
  expect(status).toBeLessThan(500);
});

test('The vital signs of the standard are enforced without being stored.', async () => {
  const weight = {
    resourceType: 'Observation',
    status: 'final',
    meta: { profile: ['http://hl7.org/fhir/StructureDefinition/bodyweight'] },
    category: [
      {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' },
        ],
      },
    ],
    code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
    subject: { reference: 'Patient/p' },
    effectiveDateTime: '2020-01-01',
    valueQuantity: { value: 70, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
  };
  expect((await server.fhir('POST', 'Observation', { body: weight })).status).toBe(201);
  const pounds = { ...weight, category: undefined };
  expect(await told(await server.fhir('POST', 'Observation', { body: pounds }))).toContain(
    'error required Observation.category',
  );
});

describe('A StructureDefinition', () => {
  test.each<[string, StructureDefinition, string]>([
    ['with an element that is not there', profile([{ path: 'Patient.nose', min: 1 }]), 'StructureDefinition.differential.element[0]'],
    ['with an invariant that is none', profile([{ path: 'Patient', constraint: [{ key: 'x', severity: 'error', human: 'x', expression: 'name.(' }] }]), 'StructureDefinition.snapshot.element'],
    ['that takes the place of a type', profile(BORN, { url: 'http://hl7.org/fhir/StructureDefinition/Patient' }), 'StructureDefinition.url'],
  ])('%s is refused.', async (_what, definition, place) => {
    const response = await server.fhir('PUT', 'StructureDefinition/born', { body: definition });
    expect(await told(response)).toEqual([422, `error business-rule ${place}`]);
  }); // prettier-ignore

  test('whose base is not here yet is stored, and says so when it is used.', async () => {
    const url = 'https://example.org/later';
    await put(
      profile([{ path: 'Patient.name', min: 1 }], { id: 'later', url, baseDefinition: `${url}-base` }),
    );
    const write = async (): Promise<unknown[]> =>
      told(await server.fhir('POST', 'Patient', { body: patient({}, url), headers: OUTCOME }));
    expect(await write()).toContain('warning not-supported Patient.meta.profile[0]');
    await put(profile(BORN, { id: 'later-base', url: `${url}-base` }));
    expect(await write()).toEqual([422, 'error required Patient.name', 'error required Patient.birthDate']);
  });

  test('of an extension tells where the extension may stand and what it holds.', async () => {
    const definition = profile([{ path: 'Extension.value[x]', type: [{ code: 'string' }] }], {
      id: 'eye-colour',
      url: RACE,
      kind: 'complex-type',
      type: 'Extension',
      baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Extension',
      context: [{ type: 'element', expression: 'Patient' }],
    });
    await put(definition);
    const write = (place: string, extension: object): Promise<Response> =>
      server.fhir('POST', place, {
        body: {
          resourceType: place,
          ...(place === 'Basic' ? { code: { text: 'x' } } : {}),
          extension: [extension],
        },
      });
    const blue = { url: RACE, valueString: 'blue' };
    // The definition is followed, as it is in other processes.
    for (let i = 0; i < 50 && (await write('Basic', blue)).status === 201; i += 1) await sleep(100);
    expect((await write('Patient', blue)).status).toBe(201);
    expect(await told(await write('Basic', blue))).toEqual([400, 'error extension Basic.extension[0]']);
    expect(await told(await write('Patient', { url: RACE, valueInteger: 1 }))).toEqual([
      400,
      'error value Patient.extension[0]',
    ]);
  });

  test('that is changed counts at once in this process, and soon in another.', async () => {
    const port = await pickPort();
    const config = loadConfig({
      DATABASE_URL: server.databaseUrl,
      BASE_URL: server.baseUrl,
      PORT: String(port),
      COOKIE_SECRET: 'a secret that is long enough for tests',
      LOG_LEVEL: 'fatal',
    });
    const other: RunningApi = await startApi(config, createLogger('test', 'fatal'));
    try {
      const Authorization = `Bearer ${await server.token('system/*.cruds')}`;
      const elsewhere = async (body: object): Promise<number> => {
        const headers = { Authorization, 'Content-Type': 'application/fhir+json' };
        const init = { method: 'POST', headers, body: JSON.stringify(body) };
        return (await fetch(`http://127.0.0.1:${port}/fhir/R4/Patient`, init)).status;
      };
      const named = patient({ name: [{ family: 'x' }] });
      expect(await elsewhere(named)).toBe(422);
      await put(profile(NAMED));
      expect((await server.fhir('POST', 'Patient', { body: named })).status).toBe(201);
      let status = 0;
      for (let i = 0; i < 50 && status !== 201; i += 1) {
        status = await elsewhere(named);
        await sleep(100);
      }
      expect(status).toBe(201);
      expect(await elsewhere(patient({ birthDate: '2000-01-01' }))).toBe(422);
    } finally {
      await other.close();
      await put(profile(BORN));
    }
  });
});

describe('PROFILE_VALIDATION', () => {
  test.each([
    ['warn', 'warning required Patient.birthDate'],
    ['off', undefined],
  ])('%s stores what does not conform.', async (mode, warning) => {
    const lenient = await startTestServer({ PROFILE_VALIDATION: mode });
    try {
      await lenient.fhir('PUT', 'StructureDefinition/born', { body: profile(BORN) });
      const response = await lenient.fhir('POST', 'Patient', { body: patient(), headers: OUTCOME });
      const [status, ...issues] = await told(response);
      expect(status).toBe(201);
      expect(issues.filter((i) => String(i).includes('birthDate'))).toEqual(
        warning === undefined ? [] : [warning],
      );
    } finally {
      await lenient.close();
    }
  });
});
