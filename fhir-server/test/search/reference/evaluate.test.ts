/** The naive evaluator itself, on cases that the standard's search page works out. */
import { describe, expect, test } from '@jest/globals';
import type { Resource } from '@medplum/fhirtypes';
import { evaluate } from './evaluate.ts';

const baseUrl = 'http://here.example/fhir';
const UCUM = 'http://unitsofmeasure.org';

type Fields = Readonly<Record<string, unknown>>;

const make = (resourceType: string, id: string, fields: Fields): Resource =>
  ({ resourceType, id, ...fields }) as unknown as Resource;

const finds = (resources: Resource[], query: string, patient?: string): string =>
  evaluate(resources, resources[0]!.resourceType, query, {
    baseUrl,
    now: new Date('2021-01-01'),
    ...(patient === undefined ? {} : { patient }),
  }).join(' ');

/** Observations named after what they hold. */
const observations = (element: string, values: Readonly<Record<string, unknown>>): Resource[] =>
  Object.entries(values).map(([id, value]) => make('Observation', id, { [element]: value }));

describe('A date', () => {
  const found = [
    ...observations('effectiveDateTime', { noon: '2013-01-14T12:00:00Z', day: '2013-01-14', year: '2013' }),
    ...observations('effectivePeriod', { since: { start: '2013-01-21' }, week: { start: '2013-01-10', end: '2013-01-20' } }),
    ...observations('effectiveTiming', { plan: { event: ['2013-01-31', '2013-03-24'] } }),
  ]; // prettier-ignore

  test.each([
    ['date=2013-01-14', 'day noon'],
    ['date=ne2013-01-14', 'plan since week year'],
    ['date=2013', 'day noon plan week year'],
    ['date=gt2013-01-14', 'plan since week year'],
    ['date=lt2013-01-14', 'week year'],
    ['date=ge2013-03-14', 'plan since year'],
    ['date=sa2013-01-20', 'plan since'],
    ['date=eb2013-01-14T23:00', 'noon'],
    ['date=2013-01-14T14:00:00+02:00', 'noon'],
    ['date=ap2013-01-14', 'day noon plan since week year'],
  ])('in %s finds %s', (query, ids) => expect(finds(found, query)).toBe(ids));
});

describe('A number or quantity', () => {
  const numbers = [95, 99.5, 100, 100.5, 104.9].map((value) =>
    make('RiskAssessment', `n${value}`, { prediction: [{ probabilityDecimal: value }] }),
  );
  const ranges = [
    make('RiskAssessment', 'range', { prediction: [{ probabilityRange: { low: { value: 1 }, high: { value: 3 } } }] }),
  ]; // prettier-ignore
  const quantities = observations('valueQuantity', {
    grams: { value: 5.4, system: UCUM, code: 'g' },
    milligrams: { value: 5400, system: UCUM, code: 'mg' },
    text: { value: 5.4, unit: 'g' },
    less: { value: 5.4, comparator: '<', system: UCUM, code: 'g' },
  });

  test.each([
    ['100', 'n100 n99.5'],
    ['100.00', 'n100'],
    ['1.0e2', 'n100 n100.5 n104.9 n95 n99.5'],
    ['gt100', 'n100.5 n104.9'],
    ['ap105', 'n100 n100.5 n104.9 n95 n99.5'],
    ['lt95.0,104.9', 'n104.9'],
  ])('of %s finds %s', (value, ids) => expect(finds(numbers, `probability=${value}`)).toBe(ids));

  test('compares with a stored range by its ends.', () => {
    expect(finds(ranges, 'probability=sa0.5')).toBe('range');
    expect(finds(ranges, 'probability=2')).toBe('');
  });

  test.each([
    ['5.4', 'grams text'],
    [`5.4|${UCUM}|g`, 'grams milligrams'],
    [`5.40e-3|${UCUM}|kg`, 'grams milligrams'],
    ['5.4||g', 'grams text'],
    [`lt5|${UCUM}|g`, 'less'],
    [`ap5|${UCUM}|g`, 'grams less milligrams'],
  ])('of %s finds %s', (value, ids) => expect(finds(quantities, `value-quantity=${value}`)).toBe(ids));
});

describe('A patient', () => {
  const patients = [
    make('Patient', 'eve', { name: [{ given: ['Eve'] }], birthDate: '1990', identifier: [{ system: 'urn:a', value: '1', type: { coding: [{ system: 'urn:t', code: 'MR' }] } }] }),
    make('Patient', 'evelyn', { name: [{ given: ['Évelyn'] }], gender: 'female', identifier: [{ value: '1' }] }),
    make('Patient', 'severine', { name: [{ given: ['Severine'], family: 'a,b' }], birthDate: '1980', meta: { profile: ['http://p|1'] } }),
    make('List', 'l', { entry: [{ item: { reference: 'Patient/eve' } }] }),
    make('Observation', 'o', { code: { coding: [{ code: 'x' }] }, subject: { reference: `${baseUrl}/Patient/eve` }, encounter: { reference: 'Encounter/e' } }),
    make('Encounter', 'e', { subject: { reference: 'Patient/evelyn' }, status: 'finished' }),
  ]; // prettier-ignore

  test.each([
    ['given=eve', 'eve evelyn'],
    ['given:contains=EVE', 'eve evelyn severine'],
    ['given:exact=Eve', 'eve'],
    ['family=a\\,b', 'severine'],
    ['gender:not=female', 'eve severine'],
    ['gender:missing=true', 'eve severine'],
    ['gender=http://hl7.org/fhir/administrative-gender|female', 'evelyn'],
    ['gender=http://loinc.org|female', ''],
    ['gender=FEMALE', ''],
    ['identifier=urn:a|1', 'eve'],
    ['identifier=|1', 'evelyn'],
    ['identifier:of-type=urn:t|MR|1', 'eve'],
    ['_profile=http://p', 'severine'],
    ['_has:Observation:subject:code=x', 'eve'],
    ['_has:Encounter:patient:_has:Observation:encounter:code=x', 'evelyn'],
    ['_list=l', 'eve'],
    ['_sort=birthdate', 'severine eve evelyn'],
    ['_sort=-birthdate', 'eve severine evelyn'],
  ])('is found by %s: %s', (query, ids) => expect(finds(patients, query)).toBe(ids));
});

describe('An observation', () => {
  const part = (code: string, value: number): object => ({
    code: { coding: [{ code }] },
    valueQuantity: { value },
  });
  const found = [
    make('Observation', 'bp', { component: [part('sys', 120), part('dia', 80)], subject: { reference: 'Patient/p/_history/2' } }),
    make('Observation', 'far', { subject: { reference: 'http://there.example/Patient/p', identifier: { system: 's', value: 'v' } } }),
    make('Patient', 'p', { managingOrganization: { reference: 'Organization/o' } }),
    make('Organization', 'o', { name: 'Hôpital' }),
  ]; // prettier-ignore

  test.each([
    ['component-code-value-quantity=sys$gt100', 'bp'],
    ['component-code-value-quantity=dia$gt100', ''],
    ['subject=p', 'bp'],
    ['subject:Patient=p', 'bp'],
    [`subject=${baseUrl}/Patient/p`, 'bp'],
    ['subject=http://there.example/Patient/p', 'far'],
    ['subject:identifier=s|v', 'far'],
    ['subject:Patient.organization.name=hopital', 'bp'],
  ])('is found by %s: %s', (query, ids) => expect(finds(found, query)).toBe(ids));

  test('is in the compartment of its patient.', () => expect(finds(found, '', 'p')).toBe('bp'));
});

test('Of URIs, :below and :above go by the segments of the path.', () => {
  const sets = ['http://a/b', 'http://a/b/c', 'http://a/bc'].map((url, i) =>
    make('ValueSet', String(i), { url }),
  );
  expect(finds(sets, 'url:below=http://a/b')).toBe('0 1');
  expect(finds(sets, 'url:above=http://a/b/c/d')).toBe('0 1');
});

test('Of texts, tokens do not mind the case.', () => {
  const sets = ['1.0-Beta', '1.0'].map((version) => make('ValueSet', version, { version }));
  expect(finds(sets, 'version=1.0-BETA')).toBe('1.0-Beta');
});

test('Distance is measured on the sphere.', () => {
  const berlin = make('Location', 'berlin', { position: { latitude: 52.52, longitude: 13.405 } });
  const potsdam = make('Location', 'potsdam', { position: { latitude: 52.4, longitude: 13.065 } });
  expect(finds([berlin, potsdam], 'near=52.52|13.405|20|km')).toBe('berlin');
  expect(finds([berlin, potsdam], 'near=52.52|13.405|20|[mi_us]')).toBe('berlin potsdam');
});
