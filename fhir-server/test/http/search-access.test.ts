/** What a caller with restricted rights must not learn by searching. Docs: security.md */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { appToken } from '../support/app-token.ts';
import { idsOf, linkOf, searcher, type Searcher } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let search: Searcher;
/** Of a doctor's app that was opened for one patient, p1. */
let token: string;
/** Of a service that may read Observations and nothing else. */
let service: string;

const to = (reference: string) => ({ reference });
const observation = (id: string, patient: string, code: string, more: object = {}) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code }] },
  subject: to(`Patient/${patient}`),
  ...more,
});

beforeAll(async () => {
  server = await startTestServer();
  search = searcher(server);
  await search.store(
    { resourceType: 'Practitioner', id: 'doc', name: [{ family: 'Doc' }] },
    { resourceType: 'Patient', id: 'p1', name: [{ family: 'Able' }], generalPractitioner: [to('Practitioner/doc')] }, // prettier-ignore
    { resourceType: 'Patient', id: 'p2', name: [{ family: 'Secret' }], generalPractitioner: [to('Practitioner/doc')], link: [{ other: to('Patient/p1'), type: 'seealso' }] }, // prettier-ignore
    observation('o1', 'p1', 'own'),
    // What it has as member belongs to someone else.
    observation('o2', 'p2', 'hidden', { performer: [to('Practitioner/doc')] }),
    observation('o3', 'p1', 'own', { hasMember: [to('Observation/o2')], focus: [to('Patient/p2')] }),
    observation('o4', 'p2', 'hidden', { hasMember: [to('Observation/o1')] }),
    { resourceType: 'Condition', id: 'c2', subject: to('Patient/p2'), code: { text: 'secret illness' } },
    {
      resourceType: 'Encounter',
      id: 'e2',
      status: 'planned',
      class: { code: 'AMB' },
      subject: to('Patient/p2'),
    },
    { resourceType: 'List', id: 'l1', status: 'current', mode: 'working', subject: to('Patient/p1'), entry: [{ item: to('Observation/o1') }, { item: to('Observation/o2') }] }, // prettier-ignore
    { resourceType: 'List', id: 'l2', status: 'current', mode: 'working', subject: to('Patient/p2'), entry: [{ item: to('Observation/o1') }] }, // prettier-ignore
    { resourceType: 'ValueSet', id: 'v', url: 'http://x.example/v', status: 'active', compose: { include: [{ system: 'http://loinc.org', concept: [{ code: 'own' }] }] } }, // prettier-ignore
  );
  token = await appToken(server, 'doctor', 'launch/patient patient/*.rs');
  service = await server.token('system/Observation.rs');
}, 30_000);
afterAll(() => server.close());

const OWN = ['o1', 'o3'];

test.each([
  ['Observation', OWN],
  ['Patient', ['p1']],
  ['Patient?name=secret', []],
  ['Patient?gender:not=male', ['p1']],
  ['Patient?_id=p2', []],
  ['Observation?code=hidden', []],
  ['Observation?patient=p2', []],
  ['Observation?patient=p1,p2', OWN],
  ['Observation?patient.name=secret', []],
  ['Observation?focus:Patient.name=secret', []],
  ['Observation?has-member:Observation.code=hidden', []],
  ['Observation?has-member._id=o2', []],
  ['Patient?_has:Observation:patient:code=hidden', []],
  ['Patient?_has:Patient:link:name=secret', []],
  ['Observation?_has:Observation:has-member:code=hidden', []],
  ['Observation?_has:Observation:has-member:_id=o4', []],
  ['Practitioner?_has:Observation:performer:code=hidden', []],
  ['Practitioner?_has:Patient:general-practitioner:name=secret', []],
  ['Practitioner?_has:Patient:general-practitioner:name=able', ['doc']],
  ['Observation?patient.general-practitioner._has:Patient:general-practitioner:name=secret', []],
  ['Observation?_filter=code eq hidden or code eq own', OWN],
  ['Observation?_filter=has-member.code eq hidden', []],
  ['Patient?_filter=not (name eq "able")', []],
  ['Observation?_list=l1', ['o1']],
  ['Observation?_list=l2', []],
  ['Observation?_content=secret', []],
  ['Condition?_content=illness', []],
  ['Patient?_text=secret', []],
  ['Patient/p2/Observation', []],
  ['Patient/p2/*', []],
  ['Patient/p2/Patient', []],
  ['Patient/p1/Patient', ['p1']],
  ['Encounter/e2/*', []],
  ['Encounter/e2/Encounter', []],
  ['?_type=Patient,Condition', ['p1']],
  ['?_id=p2,o2,c2,e2', []],
  ['Observation?status:not=final', []],
  ['Observation?code:missing=false', OWN],
  ['Observation?patient:missing=true', []],
])('An app for one patient finds of %s only his: %j', async (path, expected) => {
  expect(await search.ids(path, { token })).toEqual(expected);
  const separator = path.includes('?') ? '&' : '?';
  for (const total of ['_total=accurate', '_total=estimate', '_summary=count'])
    expect((await search.bundle(`${path}${separator}${total}`, { token })).total).toBe(expected.length);
});

test.each([
  ['Observation?_include=Observation:has-member', []],
  ['Observation?_include=*', ['Patient/p1']],
  ['Observation?_include=Observation:focus', []],
  ['Patient?_revinclude=Patient:link', []],
  ['Patient?_revinclude=Observation:*', ['Observation/o1', 'Observation/o3']],
  ['Observation?_id=o1&_revinclude=Observation:has-member', []],
  ['Practitioner?_revinclude=Patient:general-practitioner', ['Patient/p1']],
  ['Practitioner?_revinclude=Observation:performer', []],
  ['Patient?_include=Patient:general-practitioner&_revinclude:iterate=Patient:general-practitioner', ['Practitioner/doc']], // prettier-ignore
])('To an app for one patient nothing of others comes along: %s', async (path, expected) => {
  expect(await search.included(path, { token })).toEqual(expected);
});

test('Neither links nor their positions tell of others.', async () => {
  await search.store(...Array.from({ length: 30 }, (_, i) => observation(`a-${i}`, 'p2', 'hidden')));
  const bundle = await search.bundle('Observation?_sort=code&_count=1', { token });
  expect(idsOf(bundle)).toEqual(['o1']);
  const next = await search.bundle(linkOf(bundle, 'next')!, { token });
  expect([idsOf(next), linkOf(next, 'next')]).toEqual([['o3'], undefined]);
  expect(JSON.stringify([bundle, next])).not.toMatch(/p2.*name|a-\d/);
});

test('The page link of someone else is refused, and gives no more than one’s own rights.', async () => {
  const all = await search.bundle('Observation?_sort=-_id&_count=1');
  const next = linkOf(all, 'next')!;
  expect((await search.refusal(next, { token })).status).toBe(400);
  // The same client with fewer rights: the position is good, the rights are the new token's.
  const narrow = await server.token('system/Observation.rs?code=own');
  expect(await search.ids(next, { token: narrow })).toEqual(['o3']);
});

test('What is hidden is refused in the same words as what is not there.', async () => {
  const alike = async (hidden: string, absent: string, own: string): Promise<void> => {
    const [one, other] = await Promise.all(
      [hidden, absent].map((path) => search.refusal(path, { token: own })),
    );
    const plain = (text = ''): string => text.replaceAll(/p2|p9|v9|\bv\b/g, '…');
    expect({ ...one, diagnostics: plain(one?.diagnostics) }).toEqual({ ...other, diagnostics: plain(other?.diagnostics) }); // prettier-ignore
    expect(one!.status).toBeGreaterThanOrEqual(400);
  };
  await alike('Patient/p2/$everything', 'Patient/p9/$everything', token);
  await alike('Observation?code:in=http://x.example/v', 'Observation?code:in=http://x.example/v9', service);
  await alike('Observation?code:not-in=ValueSet/v', 'Observation?code:not-in=ValueSet/v9', service);
  expect(await search.ids('Observation?code:in=http://x.example/v', { token })).toEqual(OWN);
});

test.each([
  ['a chain', 'Observation?patient.name=secret'],
  ['a chain to an id', 'Observation?patient._id=p2'],
  ['a chain that negates', 'Observation?patient.gender:not=male'],
  ['_has within a chain', 'Observation?patient._has:Condition:patient:code:text=secret'],
  ['a list', 'Observation?_list=l1'],
  ['a filter', 'Observation?_filter=patient.name eq secret'],
  ['a hierarchy', 'Observation?patient._has:Encounter:patient:location:below=x'],
])('A service that may read Observations alone reaches no Patient by %s.', async (_title, path) => {
  expect(await search.ids(path, { token: service })).toEqual([]);
});

test('Nor by includes, compartments of other types or all types at once.', async () => {
  const own = { token: service };
  for (const path of ['Observation?_include=*', 'Observation?_include:iterate=Observation:subject'])
    expect((await search.included(path, own)).filter((name) => !name.startsWith('Observation/'))).toEqual([]);
  expect((await search.refusal('Patient?_revinclude=Observation:subject', own)).status).toBe(403);
  expect((await search.refusal('Patient/p2/Condition', own)).status).toBe(403);
  expect((await search.refusal('Patient/p1/Patient', own)).status).toBe(403);
  expect((await search.refusal('Encounter/e2/Encounter', own)).status).toBe(403);
  expect(await search.ids('Patient/p1/*', own)).toEqual(OWN);
  expect((await search.refusal('Patient/p2/$everything', own)).status).toBe(403);
  expect((await search.refusal('?_type=Patient', own)).status).toBe(403);
  const everywhere = await search.bundle('?_count=100', own);
  expect(new Set(everywhere.entry?.map((e) => e.resource?.resourceType))).toEqual(new Set(['Observation']));
});

test('Who may read but not search cannot search by any way.', async () => {
  const reader = await server.token('system/*.r system/Practitioner.s');
  for (const path of ['Observation', 'Patient/p1/Observation', 'Observation/$lastn?patient=p1'])
    expect([path, (await search.refusal(path, { token: reader })).status]).toEqual([path, 403]);
  expect(await search.ids('Practitioner?_has:Patient:general-practitioner:name=able', { token: reader })).toEqual([]); // prettier-ignore
});
