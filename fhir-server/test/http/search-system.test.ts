/** Searches over several types, within a compartment, and by form. https://hl7.org/fhir/R4/http.html#search */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle } from '@medplum/fhirtypes';
import { idsOf, issuesOf, linkOf, namesOf, searcher, type Searcher } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let search: Searcher;

const to = (reference: string) => ({ reference });
const observation = (id: string, patient: string, encounter?: string) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ code: id }] },
  subject: to(`Patient/${patient}`),
  ...(encounter === undefined ? {} : { encounter: to(`Encounter/${encounter}`) }),
});

beforeAll(async () => {
  server = await startTestServer();
  search = searcher(server);
  await search.store(
    { resourceType: 'Patient', id: '1', name: [{ family: 'Able' }] },
    { resourceType: 'Patient', id: '2', name: [{ family: 'Baker' }] },
    {
      resourceType: 'Encounter',
      id: '1',
      status: 'planned',
      class: { code: 'AMB' },
      subject: to('Patient/1'),
    },
    observation('a', '1', '1'),
    observation('b', '1'),
    observation('c', '2'),
    { resourceType: 'Condition', id: 'a', subject: to('Patient/1'), encounter: to('Encounter/1'), code: { text: 'flu' } }, // prettier-ignore
    { resourceType: 'Organization', id: 'a', name: 'Able & Sons' },
  );
}, 30_000);
afterAll(() => server.close());

async function names(path: string): Promise<string[]> {
  return namesOf(await search.bundle(path)).sort();
}

async function form(path: string, parameters: Readonly<Record<string, string>>): Promise<Bundle> {
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const body = new URLSearchParams(parameters).toString();
  const response = await server.fhir('POST', path, { headers, body });
  expect([path, response.status]).toEqual([path, 200]);
  return (await response.json()) as Bundle;
}

test.each([
  ['?_type=Patient', ['Patient/1', 'Patient/2']],
  ['?_type=Patient,Organization&_id=a,1', ['Organization/a', 'Patient/1']],
  ['?_type=Patient,Observation&_type=Patient', ['Patient/1', 'Patient/2']],
  ['?_id=a', ['Condition/a', 'Observation/a', 'Organization/a']],
  ['?_type=Observation,Condition&subject=Patient/1', ['Condition/a', 'Observation/a', 'Observation/b']],
  ['?_type=Device', []],
  ['Patient/1/Observation', ['Observation/a', 'Observation/b']],
  ['Patient/1/Observation?code=b', ['Observation/b']],
  ['Patient/3/Observation', []],
  ['Patient/1/*', ['Condition/a', 'Encounter/1', 'Observation/a', 'Observation/b', 'Patient/1']],
  ['Patient/1/*?_type=Patient', ['Patient/1']],
  ['Patient/1/Patient', ['Patient/1']],
  ['Patient/1/Patient?name=able', ['Patient/1']],
  ['Patient/1/Patient?name=baker', []],
  ['Patient/3/Patient', []],
  ['Patient/3/*', []],
  ['Patient/1/*?_type=Condition', ['Condition/a']],
  ['Encounter/1/Observation', ['Observation/a']],
  ['Encounter/1/*', ['Condition/a', 'Encounter/1', 'Observation/a']],
  ['Encounter/1/Encounter', ['Encounter/1']],
])('All types are searched alike: %s', async (path, expected) => {
  expect(await names(path)).toEqual(expected);
});

test('Pages over types have one order, and the way back is the same.', async () => {
  for (const sort of ['_id', '-_id', '-_lastUpdated', '_lastUpdated,-_id']) {
    const start = `?_type=Patient,Observation,Condition,Organization,Encounter&_sort=${sort}`;
    const whole = namesOf(await search.bundle(start));
    expect(whole).toHaveLength(8);
    const pages = [await search.bundle(`${start}&_count=3`)];
    for (let at = linkOf(pages[0]!, 'next'); at !== undefined; at = linkOf(pages.at(-1)!, 'next'))
      pages.push(await search.bundle(at));
    expect(pages.flatMap((page) => namesOf(page))).toEqual(whole);
    const back = await search.bundle(linkOf(pages.at(-1)!, 'previous')!);
    expect(namesOf(back)).toEqual(namesOf(pages.at(-2)!));
  }
});

test('A total is of all types.', async () => {
  const path = '?_type=Patient,Observation&_total=accurate';
  expect((await search.bundle(path)).total).toBe(5);
  expect(await search.bundle('?_type=Patient,Observation&_summary=count')).toMatchObject({ total: 5 });
  expect((await search.bundle('Patient/1/Observation?_summary=count')).total).toBe(2);
});

test('A parameter that some of the types lack is refused, since they would match too much.', async () => {
  const refused = await search.refusal('?_type=Patient,Observation&code=a');
  expect(refused.status).toBe(400);
  expect(refused.diagnostics).toMatch(/Patient has no search parameter code/);
  expect((await search.refusal('Patient/1/*?code=a')).status).toBe(400);
  const lenient = await search.bundle('?_type=Patient,Observation&nonsense=a');
  expect(issuesOf(lenient)[0]?.diagnostics).toContain('nonsense');
  expect(linkOf(lenient, 'self')).toBe('?_type=Patient%2CObservation');
});

test.each([
  ['?_type=Nonsense', 400],
  ['?_type=Patient&_sort=family', 400],
  ['Practitioner/1/Observation', 404],
  ['Device/1/*', 404],
  ['Patient/1/Organization', 404],
  ['Encounter/1/Patient', 404],
  ['Patient/1/Nonsense', 404],
])('Refused is %s with %i.', async (path, status) => {
  expect((await search.refusal(path)).status).toBe(status);
});

test('A form asks the same as a query, and its links are queries.', async () => {
  const bundle = await form('Patient/_search', { family: 'able' });
  expect([idsOf(bundle), linkOf(bundle, 'self')]).toEqual([['1'], 'Patient?family=able']);
  const paged = await form('Observation/_search?_sort=_id', { _count: '1' });
  expect(idsOf(await search.bundle(linkOf(paged, 'next')!))).toEqual(['b']);
  expect(namesOf(await form('_search', { _type: 'Patient', _id: '2' }))).toEqual(['Patient/2']);
  expect(idsOf(await form('Patient/1/Observation/_search', { code: 'a' }))).toEqual(['a']);
  expect(namesOf(await form('Encounter/1/*/_search', { _type: 'Condition' }))).toEqual(['Condition/a']);
  expect(idsOf(await form('Patient/_search', {})).sort()).toEqual(['1', '2']);
  expect(idsOf(await form('Patient/_search', { 'name:contains': 'ak', _format: 'json' }))).toEqual(['2']);
});

test('A form that is none, and a search by the wrong method, are refused.', async () => {
  const json = await server.fhir('POST', 'Patient/_search', { body: { family: 'able' } });
  expect(json.status).toBe(415);
  for (const [method, path] of [
    ['GET', 'Patient/_search'],
    ['PUT', 'Patient/1/Observation'],
    ['DELETE', '_search'],
  ] as const)
    // prettier-ignore
    expect((await server.fhir(method, path)).status).toBe(405);
});

test('A search stands in a batch as well.', async () => {
  const entry = ['Patient?family=able', 'Patient/1/Observation?_count=1', 'Patient?birthdate=x'].map(
    (url) => ({
      request: { method: 'GET', url },
    }),
  );
  const response = await server.fhir('POST', '', { body: { resourceType: 'Bundle', type: 'batch', entry } });
  const answer = (await response.json()) as Bundle;
  expect(answer.entry?.map((e) => e.response?.status?.slice(0, 3))).toEqual(['200', '200', '400']);
  expect(idsOf(answer.entry![0]!.resource as Bundle)).toEqual(['1']);
});
