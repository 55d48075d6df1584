/** What US Core demands of a server, with its package installed and its examples stored. https://hl7.org/fhir/us/core/STU6.1/CapabilityStatement-us-core-server.html */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect } from '@jest/globals';
import type {
  Bundle,
  CapabilityStatement,
  OperationOutcome,
  Resource,
  SearchParameter,
} from '@medplum/fhirtypes';
import { appToken } from '../support/app-token.ts';
import { startTestWorker, type TestWorker } from '../support/reindex.ts';
import { testWith } from '../support/requirement.ts';
import { idsOf, linkOf, namesOf, searcher, type Sent } from '../support/searcher.ts';
import { CLINIC, type FhirOptions, startTestServer, type TestServer } from '../support/server.ts';
import { loadUsCore, usCoreData, usCoreFile } from '../support/us-core.ts';
import { type Asked, demands, Examples, requiredProfiles, typesWith } from './us-core-searches.ts';

const US_CORE_SERVER = 'http://hl7.org/fhir/us/core/CapabilityStatement/us-core-server';
const PROFILE = 'http://hl7.org/fhir/us/core/StructureDefinition';
const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';
const usCoreTest = testWith(usCoreData);

let server: TestServer;
let worker: TestWorker;
let demanded: CapabilityStatement;
let examples: Examples;
/** Of a doctor's app for the patient p1. */
let app: string;

const statement = async (): Promise<CapabilityStatement> =>
  (await (await server.fhir('GET', 'metadata', { token: null })).json()) as CapabilityStatement;

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(50))
    if (await holds()) return;
  throw new Error('not within a minute');
}

/** What the examples lack: resources with the values of parameters that US Core demands. */
const OWN = [
  { resourceType: 'PractitionerRole', id: 'own', practitioner: { reference: 'Practitioner/practitioner-1' }, specialty: [{ coding: [{ system: 'http://nucc.org/provider-taxonomy', code: '208D00000X' }] }] },
  { resourceType: 'CarePlan', id: 'own', status: 'active', intent: 'plan', subject: { reference: 'Patient/p1' }, category: [{ coding: [{ system: 'http://hl7.org/fhir/us/core/CodeSystem/careplan-category', code: 'assess-plan' }] }], period: { start: '2020-01-01', end: '2020-02-01' } },
  { resourceType: 'Encounter', id: 'own', status: 'finished', class: { code: 'AMB' }, subject: { reference: 'Patient/p1' }, identifier: [{ system: 'http://visits.example', value: '7' }] },
] as const; // prettier-ignore

/** One resource of each type, as a target. */
const provenance = (targets: readonly Resource[]): Sent => ({
  resourceType: 'Provenance',
  id: 'of-one-of-each',
  target: targets.map((r) => ({ reference: `${r.resourceType}/${r.id}` })),
  recorded: '2026-01-01T00:00:00Z',
  agent: [{ who: { reference: 'Practitioner/practitioner-1' } }],
});

beforeAll(async () => {
  if (usCoreData.path === undefined) return;
  server = await startTestServer({
    FHIR_PACKAGES: usCoreFile(),
    REINDEX_POLL_MS: '20',
    REINDEX_SETTLE_MS: '100',
  });
  worker = startTestWorker(server);
  const usCore = await loadUsCore();
  demanded = usCore.resources.map(({ resource }) => resource).find((r): r is CapabilityStatement => r.resourceType === 'CapabilityStatement' && r.id === 'us-core-server')!; // prettier-ignore
  const parameters = usCore.resources.map(({ resource }) => resource).filter((r): r is SearchParameter => r.resourceType === 'SearchParameter'); // prettier-ignore
  // The patient of nearly all examples is the one whom the test's accounts know.
  const own = (text: string): string => text.replaceAll('"Patient/example"', '"Patient/p1"');
  const stored: Resource[] = usCore.examples
    .map(({ resource }) => JSON.parse(own(JSON.stringify(resource))) as Resource)
    .map((r): Resource => (r.resourceType === 'Patient' && r.id === 'example' ? { ...r, id: 'p1' } : r))
    .map((r): Resource =>
      r.resourceType === 'Patient' ? { ...r, managingOrganization: { reference: CLINIC } } : r,
    )
    .filter((r) => r.resourceType !== 'Bundle');
  for (const one of OWN) stored.push(one as unknown as Resource);
  examples = new Examples(stored, parameters, server.fhirBase);
  await until(async () => (await statement()).instantiates?.includes(US_CORE_SERVER) === true);
  await until(async () => {
    const { rest } = await statement();
    const there = new Map<string, (string | undefined)[] | undefined>(
      rest?.[0]?.resource?.map((r) => [String(r.type), r.searchParam?.map((p) => p.name)]),
    );
    return demands(demanded).every(({ resourceType, codes }) => codes.every((c) => c === '_id' || there.get(resourceType)?.includes(c))); // prettier-ignore
  });
  const targets = typesWith(demanded, 'searchRevInclude', /^Provenance:target$/).flatMap((type) => examples.of(type)[0] ?? []); // prettier-ignore
  await searcher(server).store(
    ...(stored as unknown as Sent[]),
    provenance(targets),
    { resourceType: 'Binary', id: 'note', contentType: 'text/plain', data: btoa('A note.'), securityContext: { reference: 'Patient/p1' } },
    { resourceType: 'DocumentReference', id: 'with-note', status: 'current', subject: { reference: 'Patient/p1' }, content: [{ attachment: { contentType: 'text/plain', url: 'Binary/note' } }] },
  ); // prettier-ignore
  app = await appToken(server, 'doctor', 'launch/patient patient/*.rs');
}, 90_000);
afterAll(async () => {
  if (usCoreData.path === undefined) return;
  await worker.stop();
  await server.close();
});

const queryOf = ({ parameters }: Pick<Asked, 'parameters'>): string =>
  new URLSearchParams(parameters.map(([n, v]): [string, string] => [n, v])).toString();

/** Ids of the examples that are found, on one page; others than examples are left out. */
async function find(resourceType: string, query: string, options: FhirOptions = {}): Promise<string[]> {
  const response = await server.fhir('GET', `${resourceType}?${query}&_count=500`, options);
  if (response.status !== 200) return [`${response.status} ${await response.text()}`];
  return examplesIn(resourceType, (await response.json()) as Bundle);
}

const examplesIn = (resourceType: string, bundle: Bundle): string[] => {
  const known = new Set(examples.of(resourceType).map(({ id }) => id ?? ''));
  return idsOf(bundle).filter((id) => known.has(id)).sort(); // prettier-ignore
};

/** Types of a demand that the examples have values for. */
const asked = (vary?: (code: string, value: string) => string) =>
  demands(demanded).flatMap((demand) => {
    const one = examples.ask(demand.resourceType, demand.codes, vary);
    return one === undefined ? [] : [{ ...demand, ...one }];
  });

usCoreTest('The CapabilityStatement is public, valid and of R4. (smart 128, smart 131)', async () => {
  const found = await statement();
  expect(found).toMatchObject({ resourceType: 'CapabilityStatement', fhirVersion: '4.0.1' });
  expect(found.format).toEqual(expect.arrayContaining(['json', 'application/fhir+json']));
  const response = await server.fhir('POST', 'CapabilityStatement/$validate', { body: found });
  const { issue } = (await response.json()) as OperationOutcome;
  expect(issue.filter(({ severity }) => severity === 'error' || severity === 'fatal')).toEqual([]);
});

usCoreTest('It has every profile that US Core requires, and claims its server only with them. (smart 132, smart 133)', async () => {
  const { rest, instantiates } = await statement();
  const profiles = (rest?.[0]?.resource ?? []).flatMap((r) => r.supportedProfile ?? []).map((p) => p.split('|')[0]);
  expect(requiredProfiles(demanded)).toContain(`${PROFILE}/us-core-patient`);
  expect(requiredProfiles(demanded).filter((p) => p.startsWith(PROFILE) && !profiles.includes(p))).toEqual([]);
  expect(instantiates).toEqual(expect.arrayContaining([US_CORE_SERVER, 'http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data'])); // prettier-ignore
}); // prettier-ignore

usCoreTest('It names SMART-on-FHIR, with the addresses of the well-known document. (smart 134)', async () => {
  const security = (await statement()).rest?.[0]?.security;
  expect(security?.service?.[0]?.coding?.[0]).toMatchObject({ code: 'SMART-on-FHIR' });
  const uris = security?.extension?.find(({ url }) => url.endsWith('/oauth-uris'))?.extension ?? [];
  const known = (await (await fetch(`${server.fhirBase}/.well-known/smart-configuration`)).json()) as Record<string, string>; // prettier-ignore
  const names = { authorize: 'authorization_endpoint', token: 'token_endpoint', introspect: 'introspection_endpoint', revoke: 'revocation_endpoint', manage: 'management_endpoint', register: 'registration_endpoint' }; // prettier-ignore
  expect(uris.map(({ url }) => url)).toEqual(expect.arrayContaining(['authorize', 'token']));
  for (const { url, valueUri } of uris)
    expect([url, valueUri]).toEqual([url, known[names[url as keyof typeof names]]]);
});

usCoreTest(
  'Each type is read by id and conforms to its profile; what is not there is 404, what was deleted 410. (smart 135, smart 145)',
  async () => {
    const types = (demanded.rest?.[0]?.resource ?? []).map(({ type }) => String(type));
    const read = types.flatMap((type) => examples.of(type)[0] ?? []);
    expect(read.length).toBeGreaterThan(25);
    for (const { resourceType, id } of read) {
      const response = await server.fhir('GET', `${resourceType}/${id}`);
      expect([response.status, await response.json()]).toEqual([
        200,
        expect.objectContaining({ resourceType, id }),
      ]);
      expect((await server.fhir('GET', `${resourceType}/not-there`)).status).toBe(404);
      const judged = await server.fhir('POST', `${resourceType}/${id}/$validate`);
      const { issue } = (await judged.json()) as OperationOutcome;
      expect([resourceType, issue.filter(({ severity }) => severity === 'error')]).toEqual([
        resourceType,
        [],
      ]);
    }
    await searcher(server).store({ resourceType: 'Goal', id: 'gone', lifecycleStatus: 'active', description: { text: 'x' }, subject: { reference: 'Patient/p1' } }); // prettier-ignore
    await server.fhir('DELETE', 'Goal/gone');
    expect((await server.fhir('GET', 'Goal/gone')).status).toBe(410);
  },
);

usCoreTest(
  'Each search and combination finds exactly what fits, without a status too, and by POST the same. (smart 136, smart 137, smart 140)',
  async () => {
    const all = asked();
    const told: string[] = [];
    for (const one of all) {
      const { resourceType, wanted } = one;
      const query = queryOf(one);
      const found = await find(resourceType, query);
      if (found.join() !== wanted.join()) told.push(`${resourceType}?${query}: ${found.join()} instead of ${wanted.join()}`); // prettier-ignore
      const form = await server.fhir('POST', `${resourceType}/_search`, { body: `${query}&_count=500`, headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }); // prettier-ignore
      const posted = examplesIn(resourceType, (await form.json()) as Bundle);
      if (posted.join() !== found.join())
        told.push(`POST ${resourceType}/_search ${query}: ${posted.join()}`);
    }
    expect(told).toEqual([]);
    expect(all).toHaveLength(demands(demanded).length);
  },
);

usCoreTest('A patient is named with and without his type, a token with and without its system. (smart 138)', async () => {
  const told: string[] = [];
  let count = 0;
  for (const one of asked()) {
    const { resourceType, parameters, wanted } = one;
    const other = (code: string, value: string): string => {
      if (code === 'patient') return value.startsWith('Patient/') ? value.slice('Patient/'.length) : `Patient/${value}`;
      return value.slice(value.lastIndexOf('|') + 1);
    };
    const varied = parameters.map(([n, v]): [string, string] => [n, other(n, v)]);
    if (varied.every(([, v], i) => v === parameters[i]![1])) continue;
    count += 1;
    const found = await find(resourceType, queryOf({ parameters: varied }));
    const isLost = wanted.some((id) => !found.includes(id));
    const isOnlyNamed = varied.every(([n, v], i) => n === 'patient' || v === parameters[i]![1]);
    if (isLost || (isOnlyNamed && found.length !== wanted.length))
      told.push(`${resourceType}?${queryOf({ parameters: varied })}: ${found.join()} instead of ${wanted.join()}`);
  }
  expect(told).toEqual([]);
  expect(count).toBeGreaterThan(30);
}); // prettier-ignore

usCoreTest('Dates take the four comparators, and codes several values, where US Core asks for them. (smart 139)', async () => {
  const told: string[] = [];
  let count = 0;
  const check = async (resourceType: string, one: Asked | undefined): Promise<void> => {
    if (one === undefined) return;
    count += 1;
    const found = await find(resourceType, queryOf(one));
    if (found.join() !== one.wanted.join()) told.push(`${resourceType}?${queryOf(one)}: ${found.join()} instead of ${one.wanted.join()}`); // prettier-ignore
  };
  const types = new Set(demands(demanded).map(({ resourceType }) => resourceType));
  for (const type of types) {
    const isOfPatient = examples.parameter(type, 'patient') !== undefined;
    const beside = isOfPatient ? ['patient'] : [];
    for (const date of examples.parametersOf(type, (p) => p.type === 'date'))
      for (const prefix of ['gt', 'lt', 'ge', 'le'])
        await check(type, examples.ask(type, [...beside, date], (code, value) => (code === date ? `${prefix}${value}` : value))); // prettier-ignore
    const demandsOr = ({ type: kind, multipleOr, ...more }: SearchParameter): boolean =>
      kind === 'token' && multipleOr === true && JSON.stringify(more).includes('"SHALL"');
    for (const token of examples.parametersOf(type, demandsOr))
      await check(type, examples.ask(type, [...beside, token], (code, value) => (code === token ? `${value},other` : value))); // prettier-ignore
  }
  expect(told).toEqual([]);
  expect(count).toBeGreaterThan(60);
}); // prettier-ignore

usCoreTest(
  'Provenances come along by _revinclude, Medications by _include. (smart 141, smart 142)',
  async () => {
    const { bundle } = searcher(server);
    for (const type of typesWith(demanded, 'searchRevInclude', /^Provenance:target$/)) {
      const [target] = examples.of(type);
      if (target === undefined) continue;
      const found = await bundle(`${type}?_id=${target.id}&_revinclude=Provenance:target`);
      expect([type, namesOf(found, 'include')]).toEqual([
        type,
        expect.arrayContaining(['Provenance/of-one-of-each']),
      ]);
    }
    const orders = await bundle(
      'MedicationRequest?patient=p1&intent=order&_include=MedicationRequest:medication',
    );
    expect(namesOf(orders, 'include')).toEqual(['Medication/uscore-med2']);
    const team = await bundle('CareTeam?patient=p1&status=active&_include=CareTeam:participant:Practitioner');
    for (const name of namesOf(team, 'include')) expect(name).toMatch(/^Practitioner\//);
  },
);

usCoreTest('Pages lead to the end, under the same token only. (smart 143)', async () => {
  const found: string[] = [];
  let path: string | undefined = 'Observation?patient=p1&_count=20';
  let second: string | undefined;
  while (path !== undefined) {
    const bundle: Bundle = await searcher(server).bundle(path, { token: app });
    found.push(...idsOf(bundle));
    path = linkOf(bundle, 'next');
    second ??= path;
  }
  expect(found.toSorted()).toEqual(examples.matching('Observation', [['patient', 'Patient/p1']]));
  expect(second).toBeDefined();
  expect((await server.fhir('GET', second ?? '')).status).toBe(400);
});

usCoreTest('A note is fetched from the address that its DocumentReference has, with the same token. (smart 146)', async () => {
  const [entry] = (await searcher(server).bundle('DocumentReference?_id=with-note', { token: app })).entry ?? [];
  const { content } = entry?.resource as { content: { attachment: { url: string } }[] };
  const response = await server.fhir('GET', content[0]?.attachment.url ?? '', { token: app, headers: { Accept: 'text/plain' } }); // prettier-ignore
  expect([response.status, await response.text()]).toEqual([200, 'A note.']);
}); // prettier-ignore

usCoreTest('Patients are sought by the five ways of user scopes. (smart 147)', async () => {
  const token = await appToken(server, 'doctor', 'user/*.rs');
  for (const codes of [['_id'], ['identifier'], ['name'], ['birthdate', 'name'], ['gender', 'name']]) {
    const one = examples.ask('Patient', codes);
    expect([codes, await find('Patient', queryOf(one!), { token })]).toEqual([codes, one?.wanted]);
  }
});

usCoreTest('What is not allowed is refused with an outcome: 400, 401 and 403. (smart 148)', async () => {
  const narrow = await server.token('system/Patient.rs');
  const cases = [
    [400, 'Patient?birthdate=never', {}],
    [401, 'Patient/p1', { token: null }],
    [401, 'Patient/p1', { token: 'nothing' }],
    [403, 'Observation?patient=p1', { token: narrow }],
    [403, 'Observation/blood-pressure', { token: narrow }],
  ] as const;
  for (const [status, path, options] of cases) {
    const response = await server.fhir('GET', path, options);
    const outcome = (await response.json()) as OperationOutcome;
    expect([path, response.status, outcome.resourceType]).toEqual([path, status, 'OperationOutcome']);
  }
});

usCoreTest(
  'Granular scopes alone give what is in them, whatever is sought, and no other. (smart 149)',
  async () => {
    const scope = `launch/patient patient/Patient.rs patient/Observation.rs?category=${CATEGORY}|laboratory`;
    const token = await appToken(server, 'doctor', scope);
    const laboratory: Asked['parameters'] = [
      ['patient', 'Patient/p1'],
      ['category', `${CATEGORY}|laboratory`],
    ];
    const wanted = examples.matching('Observation', laboratory);
    expect(wanted.length).toBeGreaterThan(1);
    expect(await find('Observation', 'patient=p1', { token })).toEqual(wanted);
    expect(await find('Observation', `patient=p1&category=${CATEGORY}%7Cvital-signs`, { token })).toEqual([]);
    expect((await server.fhir('GET', `Observation/${wanted[0]}`, { token })).status).toBe(200);
    expect((await server.fhir('GET', 'Observation/blood-pressure', { token })).status).toBe(404);
    expect((await server.fhir('GET', 'Condition?patient=p1', { token })).status).toBe(403);
  },
);

usCoreTest('Version 1 scopes give the same searches of one patient. (smart 150)', async () => {
  const token = await appToken(server, 'doctor', 'launch/patient patient/*.read');
  const told: string[] = [];
  for (const one of asked().filter(({ codes }) => codes.includes('patient'))) {
    const { resourceType, parameters, wanted } = one;
    if (!parameters.some(([, value]) => value === 'Patient/p1')) continue;
    const found = await find(resourceType, queryOf(one), { token });
    if (found.join() !== wanted.join()) told.push(`${resourceType}?${queryOf(one)}: ${found.join()} instead of ${wanted.join()}`); // prettier-ignore
  }
  expect(told).toEqual([]);
});
