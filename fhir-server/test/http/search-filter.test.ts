/** `_filter`, which says what parameters beside each other cannot. https://hl7.org/fhir/R4/search_filter.html */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { searcher, type Searcher } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let ids: Searcher['ids'];
let refusal: Searcher['refusal'];

const UCUM = 'http://unitsofmeasure.org';
const LOINC = 'http://loinc.org';
const loinc = (code: string) => ({ coding: [{ system: LOINC, code }] });
const mmHg = (value: number) => ({ valueQuantity: { value, unit: 'mmHg', system: UCUM, code: 'mm[Hg]' } });

const patient = (id: string, family: string, gender: string, birthDate?: string) => ({
  resourceType: 'Patient',
  id,
  name: [{ family }],
  gender,
  ...(birthDate === undefined ? {} : { birthDate }),
});

const pressure = (id: string, systolic: number, diastolic: number) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  subject: { reference: 'Patient/a' },
  code: loinc('85354-9'),
  component: [
    { code: loinc('8480-6'), ...mmHg(systolic) },
    { code: loinc('8462-4'), ...mmHg(diastolic) },
  ],
});

beforeAll(async () => {
  server = await startTestServer();
  const { store, ...rest } = searcher(server);
  ({ ids, refusal } = rest);
  await store(
    patient('a', 'Able', 'female', '1970-05-05'),
    patient('b', 'Baker', 'male', '1980-05-05'),
    patient('c', 'Cook (Jr.)', 'female', '1990-05-05'),
    patient('d', 'O"Neill, d\\e$f|g', 'male'),
    pressure('high', 150, 80),
    pressure('low', 110, 60),
    { resourceType: 'Observation', id: 'single', status: 'final', code: loinc('8480-6'), ...mmHg(145) },
  );
}, 30_000);
afterAll(() => server.close());

const query = (type: string, parameter: string, value: string): string =>
  `${type}?${parameter}=${encodeURIComponent(value)}`;

test.each([
  ['gender eq female', ['a', 'c']],
  ['gender eq female and birthdate ge 1980', ['c']],
  ['gender eq male or birthdate lt 1975', ['a', 'b', 'd']],
  // Without precedence: (a or b) and c, which is not a or (b and c).
  ['gender eq female or gender eq male and birthdate ge 1985', ['c']],
  ['gender eq female or (gender eq male and birthdate lt 1985)', ['a', 'b', 'c']],
  ['birthdate ge 1985 and gender eq female or gender eq male', ['b', 'c', 'd']],
  ['not (gender eq female)', ['b', 'd']],
  ['not (gender eq female) and birthdate pr true', ['b']],
  ['not (gender eq female or birthdate pr false)', ['b']],
  ['birthdate pr false', ['d']],
  ['gender ne female', ['b', 'd']],
  ['birthdate ne 1970-05-05', ['b', 'c']],
  ['family sw "ab"', ['a']],
  ['family co "ook"', ['c']],
  ['family ew "er"', ['b']],
  ['family eq "cook (jr.)"', ['c']],
  ['family eq "cook"', []],
  ['family co "d\\\\e$f|g"', ['d']],
  ['family sw "o\\"neill, d"', ['d']],
  ['_id eq a or _id eq b', ['a', 'b']],
  ['( ( ( gender eq male ) ) )', ['b', 'd']],
  ['_lastUpdated gt 2020-01-01 and family sw able', ['a']],
])('The filter finds its patients: %s', async (filter, expected) => {
  expect(await ids(query('Patient', '_filter', filter))).toEqual(expected);
});

test.each([
  ['patient.family eq "able"', ['high', 'low']],
  ['subject:Patient.gender eq male', []],
  ['subject re Patient/a', ['high', 'low']],
  [`code eq ${LOINC}|8480-6`, ['single']],
  ['value-quantity gt 140 and value-quantity lt 150', ['single']],
])('The filter finds its observations: %s', async (filter, expected) => {
  expect(await ids(query('Observation', '_filter', filter))).toEqual(expected);
});

test('Filters stand beside other parameters and within chains.', async () => {
  const beside = `${query('Patient', '_filter', 'gender eq female')}&birthdate=ge1980`;
  expect(await ids(beside)).toEqual(['c']);
  expect(await ids(query('Observation', 'patient._filter', 'gender eq female and family sw able'))).toEqual([
    'high',
    'low',
  ]);
  const has = query('Patient', '_has:Observation:patient:_filter', `combo-code eq ${LOINC}|8480-6`);
  expect(await ids(has)).toEqual(['a']);
});

test.each([
  ['gender eq', 'character 10'],
  ['gender is female', 'character 8'],
  ['nonsense eq 1', 'character 1'],
  ['gender eq female und birthdate ge 1980', 'character 18'],
  ['(gender eq female', 'character 18'],
  ['gender eq female)', 'character 17'],
  ['family eq "able', 'character 11'],
  ['family eq "\\q"', 'character 11'],
  ['and', 'character 4'],
  ['gender co fem', 'strings'],
  ['family gt 3', 'dates'],
  ['link[x eq 1].y eq 2', 'brackets'],
  ['_has:Observation:patient:code eq', 'missing'],
])('A malformed filter is refused with the place of its fault: %s', async (filter, place) => {
  const refused = await refusal(query('Patient', '_filter', filter));
  expect(refused.status).toBe(400);
  expect(refused.diagnostics).toContain(place);
});

test('A filter may not be nested too deeply, nor have too many terms, nor hide a longer chain.', async () => {
  const deep = `${'('.repeat(11)}gender eq male${')'.repeat(11)}`;
  expect(await refusal(query('Patient', '_filter', deep))).toMatchObject({ status: 400, code: 'too-costly' });
  const long = Array.from({ length: 51 }, () => 'gender eq male').join(' or ');
  expect(await refusal(query('Patient', '_filter', long))).toMatchObject({ status: 400, code: 'too-costly' });
  const within = (steps: number): string => Array.from({ length: steps }, () => 'partof').join('.');
  const hidden = query('Organization', `${within(3)}._filter`, `${within(3)}.name eq x`);
  expect(await refusal(hidden)).toMatchObject({ status: 400, code: 'too-costly' });
  const nested = query('Organization', '_filter', `_filter eq "_filter eq \\"name eq x\\""`);
  expect(await refusal(nested)).toMatchObject({ status: 400 });
});

test.each([
  ['code-value-quantity', `${LOINC}|8480-6$gt140`, ['single']],
  ['component-code-value-quantity', `${LOINC}|8480-6$gt140`, ['high']],
  ['combo-code-value-quantity', `${LOINC}|8480-6$gt140`, ['high', 'single']],
  ['combo-code-value-quantity', `8480-6$gt140||mm[Hg],8462-4$lt70||mm[Hg]`, ['high', 'low', 'single']],
  ['component-code-value-quantity', `8462-4$gt140`, []],
  ['component-code-value-quantity', `8462-4$60|${UCUM}|mm[Hg]`, ['low']],
])('All parts of a composite are fulfilled by one element: %s=%s', async (parameter, value, expected) => {
  expect(await ids(query('Observation', parameter, value))).toEqual(expected);
});

test.each(['8480-6', '8480-6$', '$gt1', '8480-6$gt1$2', '8480-6$high'])(
  'A composite with parts missing or malformed is refused: %s',
  async (value) => {
    expect(await refusal(query('Observation', 'code-value-quantity', value))).toMatchObject({ status: 400 });
  },
);
