/** What the datatype of an element means for searches by it. https://hl7.org/fhir/R4/search.html#token */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { searcher, type Searcher } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let ids: Searcher['ids'];
let refusal: Searcher['refusal'];

const GENDER = 'http://hl7.org/fhir/administrative-gender';
const UCUM = 'http://unitsofmeasure.org';
const patient = (id: string, gender?: string) => ({ resourceType: 'Patient', id, ...(gender && { gender }) });
const observation = (id: string, more: object) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'urn:a', code: 'x' }] },
  ...more,
});
const valueSet = (id: string, url: string, version: string, ...codes: string[]) => ({
  resourceType: 'ValueSet',
  id,
  url,
  version,
  status: 'active',
  compose: { include: [{ system: GENDER, concept: codes.map((code) => ({ code })) }] },
});

beforeAll(async () => {
  server = await startTestServer();
  const { store, ...rest } = searcher(server);
  ({ ids, refusal } = rest);
  await store(
    patient('man', 'male'),
    patient('woman', 'female'),
    patient('nobody'),
    // Stored so that neither the first nor the last of them is the newest.
    valueSet('h9', 'http://x.example/genders', '9.2', 'male', 'female'),
    valueSet('g10', 'http://x.example/genders', '10.1', 'female'),
    valueSet('a1', 'http://x.example/genders', '1.0-BETA', 'male'),
    valueSet('slash', 'http://x.example/genders/', '1', 'other'),
    observation('string', { valueString: 'Mu' }),
    observation('concept', { valueCodeableConcept: { text: 'Mu' } }),
    observation('quantity', { valueQuantity: { value: 5 } }),
    observation('samples', { valueSampledData: { origin: { value: 5 }, period: 1, dimensions: 1, data: '0' } }), // prettier-ignore
    observation('above', { valueQuantity: { value: 1.5, comparator: '>=', system: UCUM, code: 'mmol/L' } }),
    observation('half', { valueQuantity: { value: 1500, system: UCUM, code: 'mg' } }),
    observation('elsewhere', { subject: { reference: 'http://else.example/fhir/Patient/x' } }),
    observation('named', { subject: { display: 'Somebody' } }),
    observation('numbered', { subject: { identifier: { system: 'urn:n', value: '1' } } }),
    observation('patient-numbered', {
      subject: { type: 'Patient', identifier: { system: 'urn:n', value: '1' } },
    }),
    { resourceType: 'DocumentReference', id: 'new', status: 'current', content: [{ attachment: { title: 'A' } }], relatesTo: [{ code: 'replaces', target: { reference: 'DocumentReference/old' } }, { code: 'appends', target: { reference: 'DocumentReference/other' } }] }, // prettier-ignore
    observation('schedule', { effectiveTiming: { event: ['2013-03-24', '2013-01-31'] } }),
  );
}, 30_000);

afterAll(async () => {
  await server?.close();
});

test.each([
  // A code has the system of the value set that it is bound to.
  [`Patient?gender=${GENDER}|male`, 'man'],
  [`Patient?gender=${GENDER}|`, 'man woman'],
  [`Patient?gender:not=${GENDER}|male`, 'nobody woman'],
  ['Patient?gender=http://loinc.org|male', ''],
  ['Patient?gender=|male', 'man'],
  ['Patient?gender:in=http://x.example/genders|9.2', 'man woman'],
  ['Patient?gender:in=http://hl7.org/fhir/ValueSet/administrative-gender', 'man woman'],
  ['Patient?gender:not-in=http://x.example/genders|1.0-BETA', 'nobody woman'],
  [`Patient?gender:below=${GENDER}|male`, 'man'],
  // Without a version, the newest is meant.
  ['Patient?gender:in=http://x.example/genders', 'woman'],
  // A text is found in any case.
  ['ValueSet?version=1.0-beta', 'a1'],
  ['ValueSet?url:below=http://x.example/genders%2F', 'slash'],
  ['ValueSet?url:below=http://x.example/genders', 'a1 g10 h9 slash'],
  // A component of a composite may take less than its parameter.
  ['Observation?code-value-string=urn:a|x$mu', 'string'],
  ['Observation?value-string=mu', 'concept string'],
  ['Observation?code-value-quantity=urn:a|x$5', 'quantity'],
  ['Observation?combo-code-value-quantity=urn:a|x$5', 'quantity'],
  ['Observation?value-quantity=5', 'quantity samples'],
  [`Observation?value-quantity=gt4|${UCUM}|mmol/L`, 'above'],
  [`Observation?value-quantity=gt1e40|${UCUM}|mol/m3`, 'above'],
  [`Observation?value-quantity=1|${UCUM}|g`, ''],
  [`Observation?value-quantity=2|${UCUM}|g`, 'half'],
  // What refers to a patient somewhere is about a patient; a name is not missing, though nothing is found by it.
  ['Observation?patient:missing=false', 'elsewhere patient-numbered'],
  ['Observation?patient=http://else.example/fhir/Patient/x', 'elsewhere'],
  ['Observation?subject:missing=false', 'elsewhere named numbered patient-numbered'],
  ['Observation?subject:identifier=urn:n|1', 'numbered patient-numbered'],
  ['Observation?patient:identifier=urn:n|1', 'patient-numbered'],
  // Of a schedule the outer limits count.
  ['Observation?date=2013-01-31', ''],
  ['Observation?date=eb2013-02-10', ''],
  ['Observation?date=2013', 'schedule'],
  ['DocumentReference?relationship=DocumentReference/old$replaces', 'new'],
  [
    'DocumentReference?relationship=DocumentReference/old$http://hl7.org/fhir/document-relationship-type|replaces',
    'new',
  ],
  ['DocumentReference?relationship=old$replaces', 'new'],
  ['DocumentReference?relationship=DocumentReference/old$appends', ''],
  ['Patient?_id:not=man', 'nobody woman'],
  ['Patient?_id:missing=true', ''],
])('%s finds %s', async (query, expected) => {
  const [found, wanted] = [await ids(query), expected.split(' ').filter((id) => id !== '')];
  expect([...found].sort()).toEqual(wanted);
});

test('a URN is not above or below anything', async () => {
  expect(await refusal('ValueSet?url:below=urn:oid:1.2')).toMatchObject({ status: 400, code: 'invalid' });
});
