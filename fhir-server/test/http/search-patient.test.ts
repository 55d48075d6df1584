/** What a patient finds: his record, but nothing that AI proposed and no clinician has approved. Docs: security.md */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { appToken } from '../support/app-token.ts';
import { searcher, type Searcher } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let search: Searcher;
let token: string;

const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'AIAST' }];
const observation = (id: string, status: string, more: object = {}) => ({
  resourceType: 'Observation',
  id,
  status,
  code: { coding: [{ code: id }] },
  subject: { reference: 'Patient/p1' },
  ...more,
});

beforeAll(async () => {
  server = await startTestServer();
  search = searcher(server);
  await search.store(
    { resourceType: 'Patient', id: 'p1', name: [{ family: 'Able' }] },
    { resourceType: 'Patient', id: 'p2', name: [{ family: 'Baker' }] },
    observation('approved', 'final', { meta: { security } }),
    observation('proposed', 'preliminary', { meta: { security } }),
    observation('own', 'final', { hasMember: [{ reference: 'Observation/proposed' }] }),
    { resourceType: 'Group', id: 'g', type: 'person', actual: true, member: ['p1', 'p2'].map((id) => ({ entity: { reference: `Patient/${id}` } })) }, // prettier-ignore
  );
  token = await appToken(server, 'patient', 'launch/patient patient/*.rs');
}, 30_000);
afterAll(() => server.close());

test.each([
  ['Observation', ['approved', 'own']],
  ['Observation?status=preliminary', []],
  ['Observation?code=proposed', []],
  ['Observation?_content=proposed', []],
  ['Observation?has-member:Observation.status=preliminary', []],
  ['Patient?_has:Observation:patient:status=preliminary', []],
  ['Patient?_has:Observation:patient:code=proposed', []],
  ['Patient?_has:Observation:patient:code=approved', ['p1']],
  ['Patient?_has:Group:member:_id=g', []],
  ['Patient/p1/Observation', ['approved', 'own']],
  ['Observation/$lastn?patient=p1', ['approved', 'own']],
  ['?_type=Observation&_id=proposed,own', ['own']],
])('A patient finds of %s what is approved: %j', async (path, expected) => {
  expect(await search.ids(path, { token })).toEqual(expected);
});

test('Neither his whole record nor what comes along has more.', async () => {
  const everything = JSON.stringify(await search.bundle('Patient/p1/$everything', { token }));
  expect(everything).toContain('Observation/approved');
  expect(everything).not.toMatch(/"id":"proposed"|Patient\/p2|Group/);
  expect(await search.included('Observation?_include=*', { token })).toEqual(['Patient/p1']);
  expect(await search.included('Patient?_revinclude=Observation:patient', { token })).toEqual([
    'Observation/approved',
    'Observation/own',
  ]);
  expect((await search.refusal('Group?member=Patient/p1', { token })).status).toBe(403);
});

test('Scopes narrow him further, in chains as well.', async () => {
  const narrow = await appToken(server, 'patient', 'launch/patient patient/Observation.rs?code=own patient/Patient.r'); // prettier-ignore
  expect(await search.ids('Observation', { token: narrow })).toEqual(['own']);
  expect(await search.ids('Observation?patient.name=able', { token: narrow })).toEqual([]);
  expect(await search.included('Observation?_include=Observation:subject', { token: narrow })).toEqual([
    'Patient/p1',
  ]);
  expect((await search.refusal('Patient', { token: narrow })).status).toBe(403);
});
