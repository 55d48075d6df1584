/** References in all their forms mean the same to a search. https://hl7.org/fhir/R4/references.html#literal */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { namesOf, searcher, type Searcher } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let search: Searcher;

const IDS = ['absolute', 'relative', 'versioned'];

beforeAll(async () => {
  server = await startTestServer();
  search = searcher(server);
  const forms = {
    absolute: (of: string) => `${server.fhirBase}/${of}`,
    relative: (of: string) => of,
    versioned: (of: string) => `${of}/_history/1`,
    elsewhere: (of: string) => `https://other.example/fhir/${of}`,
  };
  await search.store(
    { resourceType: 'Patient', id: 'p', name: [{ family: 'Able' }] },
    ...[...IDS, 'elsewhere'].map((id) => ({ resourceType: 'Practitioner', id, name: [{ family: id }] })),
    ...Object.entries(forms).map(([id, form]) => ({
      resourceType: 'Observation',
      id,
      status: 'final',
      code: { coding: [{ code: id }] },
      subject: { reference: form('Patient/p') },
      performer: [{ reference: form(`Practitioner/${id}`) }],
    })),
    {
      resourceType: 'Observation',
      id: 'contained',
      status: 'final',
      code: { text: 'x' },
      contained: [{ resourceType: 'Patient', id: 'p', name: [{ family: 'Able' }] }],
      subject: { reference: '#p' },
      note: [{ text: '"reference":"Practitioner/elsewhere"' }],
    },
  );
}, 30_000);
afterAll(() => server.close());

test.each([
  'Observation?subject=Patient/p',
  'Observation?patient=p',
  'Observation?patient.name=able',
  'Observation?subject:Patient._id=p',
  'Patient/p/Observation',
  `Practitioner?_has:Observation:performer:patient=p`,
])('Found by reference are all that lead to the resource here: %s', async (path) => {
  expect(await search.ids(path)).toEqual(IDS);
});

test('An absolute reference of this server is the same when it is asked for.', async () => {
  expect(await search.ids(`Observation?subject=${server.fhirBase}/Patient/p`)).toEqual(IDS);
  const elsewhere = 'Observation?subject=https://other.example/fhir/Patient/p';
  expect(await search.ids(elsewhere)).toEqual(['elsewhere']);
});

test('Includes follow them both ways.', async () => {
  expect(await search.included('Observation?_include=Observation:performer')).toEqual(
    IDS.map((id) => `Practitioner/${id}`),
  );
  expect(await search.included('Patient?_revinclude=Observation:subject')).toEqual(
    IDS.map((id) => `Observation/${id}`),
  );
});

test('A record brings along whom it refers to, in whichever form, and whom a text names it does not.', async () => {
  const bundle = await search.bundle('Patient/p/$everything');
  expect(namesOf(bundle, 'include').sort()).toEqual(IDS.map((id) => `Practitioner/${id}`));
});

test('A type that was never written is no fault, wherever it stands.', async () => {
  for (const [path, expected] of [
    ['Patient?_has:Procedure:patient:code=x', []],
    ['Patient?_filter=not (_has:Procedure:patient:code eq x)', ['p']],
    ['Observation?device:Device.type=x', []],
    ['Patient?_list=x', []],
    ['Patient?_revinclude=Procedure:patient', ['p']],
    ['Patient?organization:missing=true', ['p']],
    ['Observation?device:missing=true&_id=relative', ['relative']],
    ['Procedure', []],
    ['Patient/p/Procedure', []],
  ] as const)
    expect([path, await search.ids(path)]).toEqual([path, expected]);
});
