/** $everything and $lastn. https://hl7.org/fhir/R4/patient-operation-everything.html */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle } from '@medplum/fhirtypes';
import { appToken } from '../support/app-token.ts';
import { idsOf, linkOf, namesOf, searcher, type Searcher } from '../support/searcher.ts';
import { startTestServer, type FhirOptions, type TestServer } from '../support/server.ts';

let server: TestServer;
let search: Searcher;

const to = (reference: string) => ({ reference });
const coding = (...codes: string[]) => ({
  coding: codes.map((code) => ({ system: 'http://loinc.org', code })),
});
const observation = (
  id: string,
  patient: string,
  date: string | undefined,
  code: object,
  more: object = {},
) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code,
  subject: to(`Patient/${patient}`),
  ...(date === undefined ? {} : { effectiveDateTime: date }),
  ...more,
});

const ACTIVE = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }],
};
const RESOLVED = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'resolved' }],
};
const WEIGHT = coding('29463-7');
const PULSE = coding('8867-4', 'X-1');

beforeAll(async () => {
  server = await startTestServer();
  search = searcher(server);
  await search.store(
    { resourceType: 'Organization', id: 'o', name: 'o' },
    { resourceType: 'Practitioner', id: 'doc' },
    { resourceType: 'Practitioner', id: 'other' },
    { resourceType: 'Patient', id: 'p1', managingOrganization: to('Organization/o') },
    { resourceType: 'Patient', id: 'p2', generalPractitioner: [to('Practitioner/other')] },
    {
      resourceType: 'Encounter',
      id: 'e1',
      status: 'planned',
      class: { code: 'AMB' },
      subject: to('Patient/p1'),
    },
    {
      resourceType: 'Encounter',
      id: 'e2',
      status: 'planned',
      class: { code: 'AMB' },
      subject: to('Patient/p2'),
    },
    { resourceType: 'AllergyIntolerance', id: 'al', clinicalStatus: ACTIVE, patient: to('Patient/p1') },
    observation('w1', 'p1', '2020-01-01', WEIGHT, { encounter: to('Encounter/e1') }),
    observation('w2', 'p1', '2021-06-15', WEIGHT, { performer: [to('Practitioner/doc')] }),
    observation('w3', 'p1', '2022-01-01', WEIGHT),
    observation('h1', 'p1', '2021-01-01', PULSE),
    observation('h2', 'p1', '2020-06-01', coding('X-1')),
    observation('t1', 'p1', '2020-02-01', { text: 'mood' }),
    observation('none', 'p1', undefined, { text: 'pain' }),
    observation('other', 'p2', '2020-01-01', WEIGHT),
  );
}, 30_000);
afterAll(() => server.close());

async function pages(start: string, options?: FhirOptions): Promise<Bundle[]> {
  const all = [await search.bundle(start, options)];
  for (let at = linkOf(all[0]!, 'next'); at !== undefined; at = linkOf(all.at(-1)!, 'next')) {
    expect(all.length).toBeLessThan(50);
    all.push(await search.bundle(at, options));
  }
  return all;
}

const RECORD = [
  'AllergyIntolerance/al',
  'Encounter/e1',
  ...['h1', 'h2', 'none', 't1', 'w1', 'w2', 'w3'].map((id) => `Observation/${id}`),
  'Patient/p1',
];

test('A record is the patient, what is his, and who and what it refers to.', async () => {
  const bundle = await search.bundle('Patient/p1/$everything');
  expect(namesOf(bundle).sort()).toEqual(RECORD);
  expect(namesOf(bundle)[0]).toBe('Patient/p1');
  expect(namesOf(bundle, 'include').sort()).toEqual(['Organization/o', 'Practitioner/doc']);
  expect(bundle.type).toBe('searchset');
});

test.each([1, 2, 3, 9, 10, 11])('In pages of %i it is complete and nothing comes twice.', async (count) => {
  const found = await pages(`Patient/p1/$everything?_count=${count}`);
  const names = found.flatMap((page) => namesOf(page));
  expect([...names].sort()).toEqual(RECORD);
  expect(found.every((page) => namesOf(page).length <= count)).toBe(true);
  expect(found).toHaveLength(Math.ceil(RECORD.length / count));
});

test.each([
  ['_type=Observation&_count=100', ['Observation/h1', 'Observation/h2', 'Observation/none', 'Observation/t1', 'Observation/w1', 'Observation/w2', 'Observation/w3']], // prettier-ignore
  ['_type=Patient,Encounter', ['Encounter/e1', 'Patient/p1']],
  ['start=2021-01-01&_type=Observation', ['Observation/h1', 'Observation/none', 'Observation/w2', 'Observation/w3']], // prettier-ignore
  ['start=2020-02&end=2021-01&_type=Observation', ['Observation/h1', 'Observation/h2', 'Observation/none', 'Observation/t1']], // prettier-ignore
  ['end=2019&_type=Observation,AllergyIntolerance', ['AllergyIntolerance/al', 'Observation/none']],
  ['_since=2900-01-01T00:00:00Z&_type=Observation', []],
  ['_since=2020-01-01T00:00:00Z&_type=Encounter', ['Encounter/e1']],
])('It is narrowed by %s.', async (parameters, expected) => {
  expect(namesOf(await search.bundle(`Patient/p1/$everything?${parameters}`)).sort()).toEqual(expected);
});

test('A period is one of care: of when something began or was ordered, not of when it was written down.', async () => {
  const of = { subject: to('Patient/p4'), code: { text: 'x' } };
  const condition = (id: string, dates: object) => ({ resourceType: 'Condition', id, ...of, ...dates });
  const request = {
    status: 'active',
    intent: 'order',
    subject: to('Patient/p4'),
    medicationCodeableConcept: { text: 'x' },
  };
  await search.store(
    { resourceType: 'Patient', id: 'p4' },
    condition('began', { onsetDateTime: '2015-03', recordedDate: '2020-01-01' }),
    condition('recorded', { recordedDate: '2015-05-01' }),
    condition('later', { onsetDateTime: '2016-03', recordedDate: '2015-01-01' }),
    condition('chronic', { onsetDateTime: '2010' }),
    condition('over', { onsetDateTime: '2010', abatementDateTime: '2012-01-01', clinicalStatus: RESOLVED }),
    condition('never', {}),
    { resourceType: 'MedicationRequest', id: 'ordered', ...request, authoredOn: '2015-07-01' },
    { resourceType: 'MedicationRequest', id: 'before', ...request, authoredOn: '2014-07-01', dosageInstruction: [{ timing: { event: ['2015-07-02'] } }] },
    { resourceType: 'Procedure', id: 'long', status: 'completed', ...of, performedPeriod: { start: '2014', end: '2015-02' } },
  ); // prettier-ignore
  const found = await search.bundle('Patient/p4/$everything?start=2015-01-01&end=2015-12-31&_type=Condition,MedicationRequest,Procedure'); // prettier-ignore
  const since = await search.bundle('Patient/p4/$everything?start=2016&_type=Condition');
  expect(namesOf(since).sort()).toEqual(['Condition/began', 'Condition/chronic', 'Condition/later', 'Condition/never', 'Condition/recorded']); // prettier-ignore
  expect(namesOf(found).sort()).toEqual(['Condition/began', 'Condition/chronic', 'Condition/never', 'Condition/recorded', 'MedicationRequest/ordered', 'Procedure/long']); // prettier-ignore
});

test('What lies across the first or the last day belongs to the period; a document goes by what it is about.', async () => {
  const stay = (id: string, start: string, end: string) => ({ resourceType: 'Encounter', id, status: 'finished', class: { code: 'IMP' }, subject: to('Patient/p5'), period: { start, end } });
  const content = [{ attachment: { title: 'x' } }];
  const about = (id: string, start: string, date: string) => ({ resourceType: 'DocumentReference', id, status: 'current', subject: to('Patient/p5'), date, content, context: { period: { start, end: start } } });
  await search.store(
    { resourceType: 'Patient', id: 'p5' },
    stay('into', '2020-04-28', '2020-05-01T12:00:00Z'),
    stay('out-of', '2020-05-31T10:00:00Z', '2020-06-03'),
    stay('over', '2020-01-01', '2020-12-31'),
    stay('before', '2020-04-01', '2020-04-30'),
    stay('after', '2020-06-01', '2020-06-02'),
    about('late', '2020-05-05', '2023-01-01T00:00:00Z'),
    about('early', '2010-05-05', '2020-05-05T00:00:00Z'),
  );
  const found = await search.bundle('Patient/p5/$everything?start=2020-05-01&end=2020-05-31&_type=Encounter,DocumentReference');
  expect(namesOf(found).sort()).toEqual(['DocumentReference/late', 'Encounter/into', 'Encounter/out-of', 'Encounter/over']);
}); // prettier-ignore

test.each([
  ['start', 'yesterday'],
  ['end', '2020-13'],
  ['_since', 'yesterday'],
  ['_since', '2020,2021'],
])('What is wrong with %s is told of it by its name: %s.', async (name, value) => {
  const { diagnostics, code, expression } = await search.refusal(`Patient/p1/$everything?${name}=${value}`);
  expect([code, diagnostics, expression]).toEqual(['invalid', `Parameter ${name}: not a date.`, name]);
});

test('Parameters may be sent in a resource.', async () => {
  const parameter = [
    { name: '_type', valueCode: 'Encounter' },
    { name: '_count', valueInteger: 5 },
  ];
  const body = { resourceType: 'Parameters', parameter };
  const response = await server.fhir('POST', 'Patient/p1/$everything', { body });
  expect(namesOf((await response.json()) as Bundle)).toEqual(['Encounter/e1']);
});

test.each([
  ['Patient/p1/$everything?nonsense=1', 400],
  ['Patient/p1/$everything?start=yesterday', 400],
  ['Patient/p1/$everything?_count=0', 400],
  ['Patient/p1/$everything?_type=Nonsense', 400],
  ['Patient/p1/$everything?_cursor=AAAA', 400],
  ['Patient/unknown/$everything', 404],
  ['Observation/w1/$everything', 404],
  ['$everything', 404],
])('Refused is %s with %i.', async (path, status) => {
  expect((await search.refusal(path)).status).toBe(status);
});

test.each([
  ['no Parameters', { resourceType: 'Patient' }],
  ['a list', [1]],
  ['parameters that are no list', { resourceType: 'Parameters', parameter: 'x' }],
  ['null', { resourceType: 'Parameters', parameter: [null] }],
  ['a parameter without a name', { resourceType: 'Parameters', parameter: [{ valueString: 'x' }] }],
  ['a part', { resourceType: 'Parameters', parameter: [{ name: 'start', part: [] }] }],
])('A body is refused that is %s.', async (_title, body) => {
  expect((await server.fhir('POST', 'Patient/p1/$everything', { body })).status).toBe(400);
});

test('Everything of an encounter is what belongs to it, and its patient.', async () => {
  const bundle = await search.bundle('Encounter/e1/$everything');
  expect(namesOf(bundle)).toEqual(['Encounter/e1', 'Observation/w1']);
  expect(namesOf(bundle, 'include')).toEqual(['Patient/p1']);
});

test('An app for one patient gets his record, and learns nothing of another’s.', async () => {
  const token = await appToken(server, 'doctor', 'launch/patient patient/*.rs');
  const own = await pages('Patient/p1/$everything?_count=4', { token });
  expect(own.flatMap((page) => namesOf(page)).sort()).toEqual(RECORD);
  for (const path of ['Patient/p2/$everything', 'Encounter/e2/$everything'])
    expect((await search.refusal(path, { token })).status).toBe(404);
  expect(idsOf(await search.bundle('Observation/$lastn?patient=p2', { token }))).toEqual([]);
  const narrow = await server.token('system/Patient.rs system/Encounter.rs');
  const part = await search.bundle('Patient/p1/$everything', { token: narrow });
  expect([...namesOf(part), ...namesOf(part, 'include')].sort()).toEqual(['Encounter/e1', 'Patient/p1']);
});

test.each([
  ['patient=p1', ['h1', 'none', 't1', 'w3']],
  ['subject=Patient/p1', ['h1', 'none', 't1', 'w3']],
  ['patient=p1&max=2', ['h1', 'h2', 'none', 't1', 'w2', 'w3']],
  ['patient=p1&code=http://loinc.org|29463-7', ['w3']],
  ['patient=p1&date=lt2022', ['h1', 't1', 'w2']],
  ['patient=p2', ['other']],
  ['patient=unknown', []],
])('$lastn finds the latest of each code: %s', async (parameters, expected) => {
  expect(await search.ids(`Observation/$lastn?${parameters}`)).toEqual(expected);
});

test.each(['', 'max=1', 'patient=p1&max=0', 'patient=p1&max=x', 'patient=p1&code:nonsense=x'])(
  '$lastn without a patient, or with a malformed parameter, is refused: %s',
  async (parameters) => {
    expect((await search.refusal(`Observation/$lastn?${parameters}`)).status).toBe(400);
  },
);
