/** What $everything brings besides the compartment: over all pages nothing is lost, whatever `_type`, `_count` and the limits. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle } from '@medplum/fhirtypes';
import { appToken } from '../support/app-token.ts';
import { linkOf, namesOf, searcher, type Searcher, type Sent } from '../support/searcher.ts';
import { startTestServer, type FhirOptions, type TestServer } from '../support/server.ts';

const INCLUDES_MAX = 3;
const PAGE_MAX = 6;

let server: TestServer;
let search: Searcher;

const to = (reference: string) => ({ reference });
const practitioner = (i: number): string => `Practitioner/d${String(i).padStart(2, '0')}`;
const observation = (id: string, date: string, ...performers: readonly number[]): Sent => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: id },
  subject: to('Patient/p1'),
  encounter: to('Encounter/e1'),
  effectiveDateTime: date,
  ...(performers.length > 0 && { performer: performers.map((i) => to(practitioner(i))) }),
});
const ACTIVE = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }],
};
const stay = (id: string, patient: string): Sent => ({
  resourceType: 'Encounter',
  id,
  status: 'planned',
  class: { code: 'AMB' },
  subject: to(`Patient/${patient}`),
});

const COUNT = 20;
const PRACTITIONERS = Array.from({ length: COUNT }, (_, i) => practitioner(i));

beforeAll(async () => {
  server = await startTestServer({
    SEARCH_INCLUDES_MAX: String(INCLUDES_MAX),
    PAGE_SIZE_MAX: String(PAGE_MAX),
    PAGE_SIZE: String(PAGE_MAX),
  });
  search = searcher(server);
  await search.store(
    { resourceType: 'Organization', id: 'o', name: 'o' },
    ...PRACTITIONERS.map((name) => ({ resourceType: 'Practitioner', id: name.split('/')[1]! })),
    { resourceType: 'Practitioner', id: 'stranger' },
    { resourceType: 'Patient', id: 'p1', managingOrganization: to('Organization/o'), generalPractitioner: [0, 1, 2, 3].map((i) => to(practitioner(i))) }, // prettier-ignore
    { resourceType: 'Patient', id: 'p2', generalPractitioner: [to('Practitioner/stranger')] },
    { resourceType: 'Patient', id: 'p3' },
    stay('e1', 'p1'),
    stay('e2', 'p2'),
    {
      resourceType: 'AllergyIntolerance',
      id: 'al',
      clinicalStatus: ACTIVE,
      patient: to('Patient/p1'),
      recorder: to(practitioner(4)),
    },
    observation('a', '2020-01-01', 5, 6),
    observation('b', '2021-01-01', 6, 7),
    // More than a page has room for.
    observation('c', '2022-01-01', 8, 9, 10, 11, 12, 13, 14, 15, 16),
    { ...observation('d', '2023-01-01'), performer: [to(`${server.fhirBase}/${practitioner(17)}`)] },
    ...Array.from({ length: 14 }, (_, i) => observation(`e${i}`, '2023-01-01')),
    observation('z', '2024-01-01', 18, 19),
  );
}, 30_000);
afterAll(() => server.close());

/** Every page, the links followed to the end. */
async function pages(start: string, options?: FhirOptions): Promise<Bundle[]> {
  const all: Bundle[] = [];
  for (let at: string | undefined = start; at !== undefined; at = linkOf(all.at(-1)!, 'next')) {
    expect(all.length).toBeLessThan(80);
    all.push(await search.bundle(at, options));
  }
  return all;
}

const matchesOf = (all: readonly Bundle[]): string[] => all.flatMap((page) => namesOf(page));
const includedOf = (all: readonly Bundle[]): string[] =>
  [...new Set(all.flatMap((page) => namesOf(page, 'include')))].sort();

const OBSERVATIONS = ['a', 'b', 'c', 'd', ...Array.from({ length: 14 }, (_, i) => `e${i}`), 'z'].map(
  (id) => `Observation/${id}`,
);
const RECORD = ['AllergyIntolerance/al', 'Encounter/e1', ...OBSERVATIONS, 'Patient/p1'].sort();

test.each([1, 2, 3, 5, 6, 100])(
  'In pages of %i each match comes once, and all that is referred to comes, a few at a time.',
  async (count) => {
    const all = await pages(`Patient/p1/$everything?_count=${count}`);
    expect(matchesOf(all).sort()).toEqual(RECORD);
    expect(includedOf(all)).toEqual(['Organization/o', ...PRACTITIONERS]);
    for (const page of all) {
      expect(namesOf(page).length).toBeLessThanOrEqual(Math.min(count, PAGE_MAX));
      expect(namesOf(page, 'include').length).toBeLessThanOrEqual(INCLUDES_MAX);
      expect(page.entry?.length).toBeGreaterThan(0);
    }
  },
);

test('A page brings what its own matches refer to.', async () => {
  const all = await pages('Patient/p1/$everything?_count=1&_type=Observation,Practitioner');
  const broughtBy = (match: string): string[] =>
    all.filter((page) => namesOf(page).includes(match)).flatMap((page) => namesOf(page, 'include').sort());
  // The fourth of the patient himself had no room beside the other three.
  expect(broughtBy('Observation/a')).toEqual([3, 5, 6].map(practitioner));
  expect(broughtBy('Observation/b')).toEqual([6, 7].map(practitioner));
  expect(broughtBy('Observation/c')).toEqual([8, 9, 10].map(practitioner));
});

test.each([
  ['_type=Practitioner', [], PRACTITIONERS],
  ['_type=Organization', [], ['Organization/o']],
  ['_type=Practitioner&start=2024', [], [0, 1, 2, 3, 4, 18, 19].map(practitioner)],
  ['_type=Practitioner&_since=2900-01-01', [], [0, 1, 2, 3].map(practitioner)],
  ['_type=Patient,Practitioner', ['Patient/p1'], PRACTITIONERS],
  ['_type=Patient', ['Patient/p1'], []],
  ['_type=Encounter,Organization&_count=1', ['Encounter/e1'], ['Organization/o']],
  ['_type=Observation,Practitioner&_count=2', OBSERVATIONS, PRACTITIONERS],
  ['_type=Observation&_count=4', OBSERVATIONS, []],
  ['_type=Device', [], []],
])('_type is of the answer, not of what refers to it: %s', async (parameters, matches, included) => {
  const all = await pages(`Patient/p1/$everything?${parameters}`);
  expect(matchesOf(all).sort()).toEqual([...matches].sort());
  expect(includedOf(all)).toEqual(included);
});

test.each([
  ['Encounter/e1/$everything?_type=Patient', [], ['Patient/p1']],
  ['Encounter/e1/$everything?_type=Practitioner&_count=3', [], [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19].map(practitioner)], // prettier-ignore
  ['Patient/p3/$everything?_type=Practitioner', [], []],
])('So it is of an encounter, and of an empty record: %s', async (path, matches, included) => {
  const all = await pages(path);
  expect([matchesOf(all), includedOf(all)]).toEqual([matches, included]);
});

test('A resource that goes while its references are being given ends the matter, and loses nothing else.', async () => {
  await search.store(observation('cc', '2022-01-01', 0, 1, 2, 3, 4, 5));
  const path = 'Patient/p1/$everything?_type=Observation,Practitioner&_count=1';
  let page = await search.bundle(path);
  const matches = namesOf(page);
  for (let at = linkOf(page, 'next'); at !== undefined; at = linkOf(page, 'next')) {
    page = await search.bundle(at);
    matches.push(...namesOf(page));
    if (namesOf(page)[0] === 'Observation/cc') await server.fhir('DELETE', 'Observation/cc');
  }
  expect(matches.sort()).toEqual([...OBSERVATIONS, 'Observation/cc'].sort());
});

test('What the caller may not read does not come, whatever _type asks for.', async () => {
  const own = { token: await appToken(server, 'doctor', 'launch/patient patient/*.rs') };
  expect(includedOf(await pages('Patient/p1/$everything?_type=Practitioner', own))).toEqual(PRACTITIONERS);
  expect((await search.refusal('Patient/p2/$everything?_type=Practitioner', own)).status).toBe(404);
  // Neither what it may not read, nor what only that refers to.
  const patients = { token: await server.token('system/Patient.rs') };
  expect(await pages('Patient/p1/$everything?_type=Practitioner', patients)).toMatchObject([{ link: [{ relation: 'self' }] }]); // prettier-ignore
  const both = { token: await server.token('system/Patient.rs system/Practitioner.r') };
  const found = await pages('Patient/p1/$everything?_type=Practitioner', both);
  expect(includedOf(found)).toEqual([0, 1, 2, 3].map(practitioner));
});
