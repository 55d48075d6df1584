import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { Bundle, Resource } from '@medplum/fhirtypes';
import {
  extractIndex,
  type IndexRow,
  NUMBER_OPEN,
  RANGE_OPEN,
  SearchParameterRegistry,
} from '../../src/search/index.ts';
import { sharedData, testWith } from '../support/requirement.ts';
import { parameters, registry } from './standard-registry.ts';

const baseUrl = 'http://localhost:8103/fhir/R4';
const extract = (resource: object): IndexRow => extractIndex(resource as Resource, { registry, baseUrl });
const keysOf = (resource: object, param: string): string[] =>
  extract(resource).keys.filter((k) => k.split('\n')[1] === param).map((k) => k.replaceAll('\n', ' ')).sort(); // prettier-ignore
const stringsOf = (resource: object, param: string): string[] =>
  extract(resource).strings.filter((s) => s.param === param).map((s) => s.value); // prettier-ignore

describe('the registry', () => {
  test('every supported standard parameter compiles for each of its base types, none through the library', () => {
    const types = new Set<string>(parameters.flatMap((p) => p.base ?? []));
    const fallbacks = [...types].flatMap((type) =>
      registry.extractors(type).filter((e) => e.fallback).map((e) => `${type}.${e.parameter.code}`),
    ); // prettier-ignore
    expect(types.size).toBeGreaterThan(130);
    expect(fallbacks).toEqual([]);
  });
  test('what the compiler does not take is evaluated by the library', () => {
    const own = new SearchParameterRegistry([
      {
        url: 'urn:own',
        code: 'full',
        base: ['Patient'],
        type: 'string',
        expression: "Patient.name.select(family & '!')",
      },
    ]);
    const row = extractIndex(
      { resourceType: 'Patient', name: [{ family: 'Á' }] },
      { registry: own, baseUrl },
    );
    expect(own.extractors('Patient').map((e) => e.fallback)).toEqual([true]);
    expect(row.strings).toEqual([{ param: 'full', value: 'a!', text: 'Á!' }]);
  });
  test('lists only what works', () => {
    const codes = registry.list('Observation').map((p) => p.code);
    expect(codes).toEqual(expect.arrayContaining(['_id', '_lastUpdated', '_tag', '_profile', '_security', '_source', 'code']));
    for (const code of ['_text', '_content', '_query', '_list', '_has', '_type', '_filter'])
      expect(codes).not.toContain(code);
  }); // prettier-ignore
});

describe('tokens', () => {
  test('Coding, CodeableConcept, Identifier, code, boolean and ContactPoint', () => {
    const coding = { system: 'http://loinc.org', code: '1' };
    expect(keysOf({ resourceType: 'Observation', code: { text: 'x', coding: [coding] } }, 'code')).toEqual(
      ['T code http://loinc.org 1', 's code http://loinc.org', 't code 1', 'x code x']); // prettier-ignore
    expect(keysOf({ resourceType: 'Encounter', class: coding }, 'class')).toContain(
      'T class http://loinc.org 1',
    );
    expect(keysOf({ resourceType: 'Patient', active: true }, 'active')).toEqual([
      'T active  true',
      'm active',
      't active true',
    ]);
    expect(keysOf({ resourceType: 'Patient', gender: 'female' }, 'gender')).toContain('t gender female');
    expect(
      keysOf({ resourceType: 'Patient', identifier: [{ system: 'http://s', value: '1' }] }, 'identifier'),
    ).toContain('T identifier http://s 1');
    expect(keysOf({ resourceType: 'Patient', telecom: [{ system: 'phone', value: '5' }] }, 'email')).toEqual(
      [],
    );
    expect(
      keysOf({ resourceType: 'Patient', telecom: [{ system: 'phone', value: '5' }] }, 'phone'),
    ).toContain('t phone 5');
    expect(keysOf({ resourceType: 'Observation', code: { text: 'Only  Text' } }, 'code')).toEqual([
      'x code only text',
    ]);
  });
  test('texts are kept in lower case, codes as they are', () => {
    expect(keysOf({ resourceType: 'ValueSet', version: '1.0-Beta' }, 'version')).toContain(
      't version 1.0-beta',
    );
    expect(keysOf({ resourceType: 'Patient', gender: 'Male' }, 'gender')).toContain('t gender Male');
  });
  test('computed: a patient with a date of death is deceased', () => {
    expect(keysOf({ resourceType: 'Patient', deceasedDateTime: '2020' }, 'deceased')).toContain(
      't deceased true',
    );
    expect(keysOf({ resourceType: 'Patient', deceasedBoolean: false }, 'deceased')).toContain(
      't deceased false',
    );
    expect(keysOf({ resourceType: 'Patient' }, 'deceased')).toContain('t deceased false');
  });
  test('meta is indexed', () => {
    const meta = { tag: [{ system: 'http://t', code: 'a' }], security: [{ code: 'R' }], profile: ['http://p|1'], source: 'urn:s' };
    const { keys } = extract({ resourceType: 'Basic', meta });
    expect(keys).toEqual(expect.arrayContaining(['T\n_tag\nhttp://t\na', 'T\n_security\n\nR', 'u\n_profile\nhttp://p|1', 'u\n_profile\nhttp://p', 'u\n_source\nurn:s']));
  }); // prettier-ignore
});

describe('references', () => {
  const about = (reference: string) => ({ resourceType: 'Observation', subject: { reference } });
  test.each([
    ['Group/1', ['m subject', 'r subject Group/1']],
    [`${baseUrl}/Group/1`, ['m subject', 'r subject Group/1']],
    ['Group/1/_history/2', ['m subject', 'r subject Group/1', 'r subject Group/1/_history/2']],
    ['http://other.example/Patient/1', ['m subject', 'r subject http://other.example/Patient/1']],
    ['urn:uuid:0', ['m subject', 'r subject urn:uuid:0']],
    ['#contained', ['m subject']],
    ['Patient/1', []],
    ['Patient/1/_history/2', ['r subject Patient/1/_history/2']],
  ])('%s', (reference, keys) => {
    expect(keysOf(about(reference), 'subject')).toEqual(keys);
    expect(keysOf(about(reference), 'patient')).toEqual([]);
  });
  test('one to a Patient stands in a column of its own', () => {
    for (const reference of ['Patient/1', `${baseUrl}/Patient/1`, 'Patient/1/_history/2'])
      expect(extract(about(reference)).links).toEqual({ patient: '1' });
    expect(extract(about('Group/1')).links).toEqual({});
  });
  test('one that cannot be found is not missing, and one to a Patient elsewhere is one to a Patient', () => {
    const present = (subject: object) =>
      extract({ resourceType: 'Observation', subject }).keys.filter((k) => k.startsWith('m')).sort(); // prettier-ignore
    expect(present({ display: 'Somebody' })).toEqual(['m\nsubject']);
    expect(present({ identifier: { value: '1' } })).toEqual(['m\nsubject']);
    expect(present({ type: 'Patient', identifier: { value: '1' } })).toEqual([
      'm\nsubject',
      'm\nsubject:Patient',
    ]);
    expect(present({ reference: 'http://other.example/Patient/1' })).toEqual([
      'm\nsubject',
      'm\nsubject:Patient',
    ]);
    expect(present({ reference: 'Patient/1' })).toEqual([]);
  });
  test('canonicals are found with and without their version', () => {
    const found = keysOf(
      { resourceType: 'QuestionnaireResponse', questionnaire: 'http://q|1' },
      'questionnaire',
    );
    expect(found).toEqual(['m questionnaire', 'r questionnaire http://q', 'r questionnaire http://q|1']);
  });
  test('the Patient compartment', () => {
    expect(extract(about('Patient/1')).keys).toContain('c\nPatient\n1');
    expect(extract(about('Group/1')).keys.filter((k) => k.startsWith('c'))).toEqual([]);
    expect(extract({ resourceType: 'Patient', id: '7' }).keys).toContain('c\nPatient\n7');
  });
});

test('strings are normalised, with all parts of names and addresses', () => {
  const patient = { resourceType: 'Patient', name: [{ family: 'Müller', given: ['José', ' Ana  B '] }], address: [{ line: ['1 St'], city: 'Köln' }] };
  expect(stringsOf(patient, 'name')).toEqual(['muller', 'jose', 'ana b']);
  expect(stringsOf(patient, 'family')).toEqual(['muller']);
  expect(stringsOf(patient, 'address')).toEqual(['1 st', 'koln']);
}); // prettier-ignore

describe('ranges', () => {
  const rangesOf = (resource: object, param: string) => extract(resource).ranges[param];
  const ms = Date.parse;
  test('dates of any choice type', () => {
    const of = (fields: object) => rangesOf({ resourceType: 'Observation', ...fields }, 'date');
    expect(of({ effectiveDateTime: '2020' })).toEqual([{ low: ms('2020-01-01'), high: ms('2021-01-01') - 1 }]);
    expect(of({ effectivePeriod: { start: '2020' } })).toEqual([{ low: ms('2020-01-01'), high: RANGE_OPEN }]);
    expect(of({ effectivePeriod: { end: '2020' } })).toEqual([{ low: -RANGE_OPEN, high: ms('2021-01-01') - 1 }]);
    expect(of({ effectiveInstant: '2020-01-01T00:00:00.123Z' })).toEqual([{ low: ms('2020-01-01T00:00:00.123Z'), high: ms('2020-01-01T00:00:00.123Z') }]);
    expect(of({ effectiveTiming: { event: ['2021', '2020'] } })).toEqual([{ low: ms('2020-01-01'), high: ms('2022-01-01') - 1 }]);
    expect(of({ effectiveTiming: { event: ['2020'], repeat: { boundsPeriod: { start: '2021' } } } })).toEqual([{ low: ms('2020-01-01'), high: RANGE_OPEN }]);
    expect(of({ effectiveTiming: { repeat: { boundsDuration: { value: 3 } } } })).toBeUndefined();
    expect(of({})).toBeUndefined();
  }); // prettier-ignore
  test('quantities, with units as keys', () => {
    const observation = { resourceType: 'Observation', valueQuantity: { value: 5, unit: 'mg/dl', system: 'http://u', code: 'mg/dL' } };
    expect(rangesOf(observation, 'value-quantity')).toEqual([{ low: 5, high: 5, unit: 'mg/dl', system: 'http://u', code: 'mg/dL' }]);
    expect(keysOf(observation, 'value-quantity')).toEqual(['q value-quantity  mg/dL', 'q value-quantity  mg/dl', 'q value-quantity http://u mg/dL']);
    const ucum = { ...observation, valueQuantity: { ...observation.valueQuantity, system: 'http://unitsofmeasure.org' } };
    expect(rangesOf(ucum, 'value-quantity ucum')).toEqual([{ low: 50, high: 50, system: 'http://unitsofmeasure.org', code: 'g.m-3' }]);
    expect(extract(ucum).keys).toContain('q\nvalue-quantity ucum\nhttp://unitsofmeasure.org\ng.m-3');
    expect(rangesOf({ resourceType: 'Condition', onsetRange: { low: { value: 3, unit: 'a' } } }, 'onset-age')).toMatchObject([{ low: 3, high: NUMBER_OPEN }]);
    expect(rangesOf({ resourceType: 'Invoice', totalNet: { value: 3, currency: 'EUR' } }, 'totalnet')).toMatchObject([{ low: 3, high: 3, code: 'EUR' }]);
  }); // prettier-ignore
  test('an open end stays open in canonical units', () => {
    const valueQuantity = {
      value: 1.5,
      comparator: '>=',
      system: 'http://unitsofmeasure.org',
      code: 'mmol/L',
    };
    const range = rangesOf({ resourceType: 'Observation', valueQuantity }, 'value-quantity ucum')?.[0];
    expect(range).toMatchObject({ high: NUMBER_OPEN, code: 'm-3' });
    expect(range?.low).toBeGreaterThan(1e23);
  });
  test('values that a composite does not take are marked', () => {
    const marks = (value: object) =>
      extract({ resourceType: 'Observation', ...value }).keys.filter((k) => k.startsWith('a\n'));
    expect(marks({ valueQuantity: { value: 1 } })).toEqual([]);
    expect(marks({ valueString: 'a' })).toEqual([]);
    expect(marks({ valueSampledData: { origin: { value: 0 }, data: '1 2' } })).toEqual(['a\nvalue-quantity\nvalue.ofType(Quantity)']);
    expect(marks({ valueCodeableConcept: { text: 'a' } })).toEqual(['a\nvalue-string\nvalue.ofType(string)']);
  }); // prettier-ignore
  test('numbers', () => {
    const assessment = { resourceType: 'RiskAssessment', prediction: [{ probabilityDecimal: 0.5 }] };
    expect(rangesOf(assessment, 'probability')).toEqual([{ low: 0.5, high: 0.5 }]);
  });
});

const synthea = sharedData('synthea');
testWith(synthea)('Synthea patients: every resource about a patient is in a compartment', () => {
  const folder = synthea.path!;
  const file = readdirSync(folder).filter((f) => /^\d.*-.*-.*gz$/.test(f))[1]!;
  const bundle = JSON.parse(gunzipSync(readFileSync(join(folder, file))).toString()) as Bundle;
  const resources = bundle.entry!.map((e) => e.resource!);
  const patient = resources.find((r) => r.resourceType === 'Patient')!;
  const relative = (r: Resource): Resource =>
    JSON.parse(JSON.stringify(r).replaceAll(`urn:uuid:${patient.id}`, `Patient/${patient.id}`)) as Resource;
  const outside = resources
    .map(relative)
    .filter((r) => !extract(r).keys.includes(`c\nPatient\n${patient.id}`));
  const types = [...new Set(outside.map((r) => r.resourceType))].sort();
  expect(resources.length).toBeGreaterThan(50);
  expect(
    types.filter((t) => ['Observation', 'Encounter', 'Condition', 'Procedure', 'Claim'].includes(t)),
  ).toEqual([]);
});
