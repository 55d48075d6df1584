/** What matches bring along. https://hl7.org/fhir/R4/search.html#revinclude */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { issuesOf, namesOf, searcher, type Searcher } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const INCLUDES_MAX = 12;

let server: TestServer;
let search: Searcher;

const to = (reference: string) => ({ reference });
const organization = (id: string, partOf?: string) => ({
  resourceType: 'Organization',
  id,
  name: id,
  ...(partOf === undefined ? {} : { partOf: to(`Organization/${partOf}`) }),
});
const observation = (id: string, more: object) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: 'x' },
  ...more,
});

beforeAll(async () => {
  server = await startTestServer({ SEARCH_INCLUDES_MAX: String(INCLUDES_MAX) });
  search = searcher(server);
  const performer = [to('Practitioner/doc'), to('Organization/o1'), to('Practitioner/unknown')];
  await search.store(
    organization('o1', 'o2'),
    organization('o2', 'o3'),
    // A loop.
    organization('o3', 'o1'),
    { resourceType: 'Patient', id: 'p', managingOrganization: to('Organization/o1') },
    { resourceType: 'Patient', id: 'alone' },
    { resourceType: 'Practitioner', id: 'doc' },
    { resourceType: 'Device', id: 'd' },
    observation('x', { subject: to('Patient/p'), performer, device: to('Device/d'), hasMember: [to('Observation/y')] }), // prettier-ignore
    observation('y', { subject: to('Patient/p'), performer: [to('Practitioner/doc')], hasMember: [to('Observation/x')] }), // prettier-ignore
    { resourceType: 'Provenance', id: 'pr', target: [to('Observation/x')], recorded: '2020-01-01T00:00:00Z', agent: [{ who: to('Practitioner/doc') }] }, // prettier-ignore
  );
}, 30_000);
afterAll(() => server.close());

const X = 'Observation?_id=x';

test.each([
  ['one reference', `${X}&_include=Observation:subject`, ['Patient/p']],
  ['the narrower parameter', `${X}&_include=Observation:patient`, ['Patient/p']],
  ['all targets', `${X}&_include=Observation:performer`, ['Organization/o1', 'Practitioner/doc']],
  ['targets of one type', `${X}&_include=Observation:performer:Practitioner`, ['Practitioner/doc']],
  ['targets of no type that it has', `${X}&_include=Observation:performer:Patient`, []],
  ['all references of the type', `${X}&_include=Observation:*`, ['Device/d', 'Observation/y', 'Organization/o1', 'Patient/p', 'Practitioner/doc']], // prettier-ignore
  ['all references', `${X}&_include=*`, ['Device/d', 'Observation/y', 'Organization/o1', 'Patient/p', 'Practitioner/doc']], // prettier-ignore
  ['nothing of another type', `${X}&_include=Patient:organization`, []],
  ['what two matches share, once', 'Observation?_include=Observation:subject', ['Patient/p']],
  ['no match again', 'Observation?_include=Observation:has-member', []],
  ['a second step only when told', `${X}&_include=Observation:subject&_include=Patient:organization`, ['Patient/p']], // prettier-ignore
  ['a second step', `${X}&_include=Observation:subject&_include:iterate=Patient:organization`, ['Organization/o1', 'Patient/p']], // prettier-ignore
  ['the old name of iterate', `${X}&_include=Observation:subject&_include:recurse=Patient:organization`, ['Organization/o1', 'Patient/p']], // prettier-ignore
  ['a loop, each once', 'Organization?_id=o1&_include:iterate=Organization:partof', ['Organization/o2', 'Organization/o3']], // prettier-ignore
  ['a loop of one step', 'Organization?_id=o1&_include=Organization:partof', ['Organization/o2']],
  ['what refers to the match', 'Patient?_id=p&_revinclude=Observation:subject', ['Observation/x', 'Observation/y']], // prettier-ignore
  ['what refers by the narrower parameter', 'Patient?_id=p&_revinclude=Observation:patient', ['Observation/x', 'Observation/y']], // prettier-ignore
  ['what refers by any parameter', 'Practitioner?_id=doc&_revinclude=Observation:*', ['Observation/x', 'Observation/y']], // prettier-ignore
  ['what refers to nothing', 'Patient?_id=alone&_revinclude=Observation:subject', []],
  ['what refers to what refers', 'Patient?_id=p&_revinclude=Observation:patient&_revinclude:iterate=Provenance:target', ['Observation/x', 'Observation/y', 'Provenance/pr']], // prettier-ignore
  ['what others refer to', 'Patient?_id=p&_revinclude=Observation:patient&_include:iterate=Observation:performer', ['Observation/x', 'Observation/y', 'Organization/o1', 'Practitioner/doc']], // prettier-ignore
  ['both ways', `${X}&_include=Observation:subject&_revinclude=Provenance:target`, ['Patient/p', 'Provenance/pr']], // prettier-ignore
  ['with a target type that it is not', 'Patient?_id=p&_revinclude=Observation:subject:Group', []],
])('Included is %s.', async (_title, path, expected) => {
  expect(await search.included(path)).toEqual(expected);
});

test('The total counts matches alone, and so does a page.', async () => {
  const bundle = await search.bundle('Observation?_include=*&_total=accurate&_count=2');
  expect([bundle.total, namesOf(bundle)]).toEqual([2, ['Observation/x', 'Observation/y']]);
  const counted = await search.bundle('Observation?_include=*&_summary=count');
  expect([counted.total, counted.entry]).toEqual([2, undefined]);
});

test('More than the limit is cut off with a warning, and matches stay.', async () => {
  const many = Array.from({ length: INCLUDES_MAX + 3 }, (_, i) =>
    observation(`many-${i}`, { subject: to('Patient/alone') }),
  );
  await search.store(...many);
  const path = 'Patient?_id=alone&_revinclude=Observation:subject';
  const bundle = await search.bundle(path);
  expect(namesOf(bundle)).toEqual(['Patient/alone']);
  expect(namesOf(bundle, 'include')).toHaveLength(INCLUDES_MAX);
  expect(issuesOf(bundle)).toMatchObject([{ severity: 'warning', code: 'incomplete' }]);
  for (const { id } of many.slice(0, 3)) await server.fhir('DELETE', `Observation/${id}`);
  const fits = await search.bundle(path);
  expect([namesOf(fits, 'include').length, issuesOf(fits)]).toEqual([INCLUDES_MAX, []]);
});

test('What is there already takes no room from what refers.', async () => {
  const members = Array.from({ length: INCLUDES_MAX + 2 }, (_, i) =>
    observation(`member-${i}`, { hasMember: [to('Observation/whole')] }),
  );
  await search.store(observation('whole', {}), ...members, observation('other', { hasMember: [to('Observation/whole')] })); // prettier-ignore
  const ids = ['whole', ...members.map(({ id }) => id)].join(',');
  const bundle = await search.bundle(`Observation?_id=${ids}&_count=50&_revinclude=Observation:has-member`);
  expect([namesOf(bundle, 'include'), issuesOf(bundle)]).toEqual([['Observation/other'], []]);
});

test('Rounds beyond the limit are cut off with a warning; one that ends within it has none.', async () => {
  const line = Array.from({ length: 6 }, (_, i) =>
    organization(`line-${i}`, i > 0 ? `line-${i - 1}` : undefined),
  );
  await search.store(...line);
  const above = (id: string) => search.bundle(`Organization?_id=${id}&_include:iterate=Organization:partof`);
  const cut = await above('line-5');
  expect(namesOf(cut, 'include')).toEqual([4, 3, 2, 1].map((i) => `Organization/line-${i}`));
  expect(issuesOf(cut)).toMatchObject([{ severity: 'warning', code: 'incomplete' }]);
  const whole = await above('line-4');
  expect([namesOf(whole, 'include').length, issuesOf(whole)]).toEqual([4, []]);
});

test.each([
  '_include=Observation',
  '_include=Nonsense:subject',
  '_include=Observation:nonsense',
  '_include=Observation:code',
  '_include=Observation:subject:Nonsense',
  '_include=Observation:subject:Patient:x',
  '_include:nonsense=Observation:subject',
  '_revinclude=*',
  '_include=',
])('A malformed include is refused: %s', async (parameter) => {
  const refused = await search.refusal(`Observation?${parameter}`);
  expect(refused.status).toBe(400);
  expect(refused.diagnostics).toMatch(/_(rev)?include/);
});
