/** How much of each match comes back. https://hl7.org/fhir/R4/search.html#summary */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Patient, Resource } from '@medplum/fhirtypes';
import { idsOf, issuesOf, linkOf, searcher, type Searcher } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const SUBSETTED = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'SUBSETTED',
};

let server: TestServer;
let search: Searcher;

beforeAll(async () => {
  server = await startTestServer();
  search = searcher(server);
  const div = '<div xmlns="http://www.w3.org/1999/xhtml">x</div>';
  const own = { system: 'http://x.example', code: 'own' };
  await search.store(
    {
      resourceType: 'Patient',
      id: 'p',
      meta: { tag: [own] },
      text: { status: 'generated', div },
      active: true,
      name: [{ family: 'Able' }],
      birthDate: '1970-01-01',
      _birthDate: { extension: [{ url: 'http://x.example/time', valueString: 'noon' }] },
      maritalStatus: { text: 'married' },
      contact: [{ name: { family: 'Baker' } }],
      communication: [{ language: { text: 'German' } }],
    },
    {
      resourceType: 'Observation',
      id: 'o',
      status: 'final',
      code: { text: 'x' },
      subject: { reference: 'Patient/p' },
      valueQuantity: { value: 1 },
      note: [{ text: 'a note' }],
      referenceRange: [{ text: 'normal' }],
    },
  );
}, 30_000);
afterAll(() => server.close());

const ALWAYS = ['id', 'meta', 'resourceType'];

async function only<T extends Resource>(path: string): Promise<T> {
  const bundle = await search.bundle(path);
  expect(bundle.entry).toHaveLength(1);
  return bundle.entry![0]!.resource as T;
}

test.each([
  ['Patient?_elements=birthDate', ['_birthDate', 'birthDate']],
  ['Patient?_elements=name,active', ['active', 'name']],
  ['Patient?_elements=nonsense', []],
  ['Observation?_elements=subject', ['code', 'status', 'subject']],
  ['Observation?_elements=value', ['code', 'status', 'valueQuantity']],
  ['Observation?_elements=valueQuantity', ['code', 'status', 'valueQuantity']],
  ['Observation?_elements=note', ['code', 'note', 'status']],
  ['Patient?_summary=text', ['text']],
  ['Observation?_summary=text', ['code', 'status']],
  ['Patient?_summary=true', ['_birthDate', 'active', 'birthDate', 'name']],
  ['Observation?_summary=true', ['code', 'status', 'subject', 'valueQuantity']],
  ['Patient?_summary=data', ['_birthDate', 'active', 'birthDate', 'communication', 'contact', 'maritalStatus', 'name']], // prettier-ignore
])('The match has these elements alone, and is marked: %s', async (path, elements) => {
  const resource = await only(path);
  expect(Object.keys(resource).sort()).toEqual([...ALWAYS, ...elements].sort());
  expect(resource.meta?.tag).toContainEqual(SUBSETTED);
  expect(resource.meta?.versionId).toBe('1');
});

test('The mark stands beside the tags that the resource has, and is stored nowhere.', async () => {
  const shaped = await only<Patient>('Patient?_elements=name');
  expect(shaped.meta?.tag).toHaveLength(2);
  for (const path of ['Patient', 'Patient?_summary=false']) {
    const whole = await only<Patient>(path);
    expect([whole.meta?.tag?.length, whole.text?.status]).toEqual([1, 'generated']);
  }
  const read = (await (await server.fhir('GET', 'Patient/p')).json()) as Patient;
  expect(read.meta?.tag).toHaveLength(1);
});

test('Elements are of the matches, not of what they bring along.', async () => {
  const bundle = await search.bundle('Observation?_elements=status&_include=Observation:subject');
  const [observation, patient] = bundle.entry!.map((e) => e.resource as Patient);
  expect(Object.keys(observation!)).not.toContain('subject');
  expect(patient).toMatchObject({ birthDate: '1970-01-01', maritalStatus: { text: 'married' } });
});

test('A narrative alone cannot come with includes.', async () => {
  for (const include of ['_include=Observation:subject', '_revinclude=Provenance:target'])
    expect(await search.refusal(`Observation?_summary=text&${include}`)).toMatchObject({ status: 400 });
});

test('Counted is without entries.', async () => {
  for (const parameter of ['_summary=count', '_count=0', '_count=0&_total=none']) {
    const bundle = await search.bundle(`Patient?${parameter}`);
    expect([bundle.total, bundle.entry, linkOf(bundle, 'next')]).toEqual([1, undefined, undefined]);
  }
  expect((await search.bundle('Device?_summary=count')).total).toBe(0);
});

test('The total comes when it is asked for.', async () => {
  expect((await search.bundle('Patient')).total).toBeUndefined();
  expect((await search.bundle('Patient?_total=none')).total).toBeUndefined();
  expect((await search.bundle('Patient?_total=accurate')).total).toBe(1);
  expect((await search.bundle('Patient?_total=accurate&family=nobody')).total).toBe(0);
  expect((await search.bundle('Patient?_total=estimate')).total).toEqual(expect.any(Number));
});

test('The self link states what was understood, and a warning names what was not.', async () => {
  const bundle = await search.bundle('Patient?family=able&nonsense=1&_count=5');
  expect(linkOf(bundle, 'self')).toBe('Patient?family=able&_count=5');
  expect(idsOf(bundle)).toEqual(['p']);
  const [issue] = issuesOf(bundle);
  expect(issue).toMatchObject({ severity: 'warning', code: 'not-supported' });
  expect(issue?.diagnostics).toContain('nonsense');
  const strict = { headers: { Prefer: 'handling=strict' } };
  expect(await search.refusal('Patient?family=able&nonsense=1', strict)).toMatchObject({ status: 400 });
  expect(await search.ids('Patient?family=able', strict)).toEqual(['p']);
});

test.each([
  ['_contained=true', 'not-supported'],
  ['_contained=both', 'not-supported'],
  ['_contained=x', 'invalid'],
  ['_summary=maybe', 'invalid'],
  ['_total=all', 'invalid'],
  ['_count=-1', 'invalid'],
  ['_count=1.5', 'invalid'],
  ['_count=1&_count=2', 'invalid'],
  ['_count:exact=1', 'not-supported'],
  ['_elements=name.family', 'invalid'],
  ['_sort=nonsense', 'invalid'],
  ['_sort=', 'invalid'],
  ['_query=x', 'not-supported'],
  ['_type=Patient', 'not-supported'],
])('Refused is %s.', async (parameter, code) => {
  expect(await search.refusal(`Patient?${parameter}`)).toMatchObject({ status: 400, code });
});
