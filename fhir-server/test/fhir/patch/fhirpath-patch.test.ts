/** FHIRPath Patch: the cases of FHIR's own suite, and what it does not ask. https://hl7.org/fhir/R4/fhirpatch.html */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Observation, Patient, Resource } from '@medplum/fhirtypes';
import { FhirError } from '../../../src/fhir/outcome.ts';
import { parseJson, toJson } from '../../../src/fhir/json/index.ts';
import { applyFhirPathPatch } from '../../../src/fhir/patch/index.ts';
import { sharedData, testWith } from '../../support/requirement.ts';
import { readXml, resourceOf, type XmlElement } from '../../support/test-xml.ts';

const suite = sharedData('fhir-tests/fhirpath-patch');
const CASES = 33;

function cases(): XmlElement[] {
  return readXml(readFileSync(join(suite.path ?? '', 'fhir-patch-tests.xml'), 'utf8')).children;
}
const child = (element: XmlElement, name: string): XmlElement | undefined =>
  element.children.find((c) => c.name === name);
const resourceIn = (element: XmlElement | undefined): Resource =>
  resourceOf(element!.children[0]!) as unknown as Resource;

/** The suite escapes quotes in one place and not in the other. */
function wordsOnly(resource: Resource): object {
  const { text, ...rest } = resource as Patient;
  const words = (text?.div ?? '').replace(/<[^>]*>|[\s\\"]|&quot;/g, '');
  return { ...rest, words };
}

testWith(suite)('All cases of the suite come out as it says.', () => {
  const all = cases();
  expect(all).toHaveLength(CASES);
  for (const one of all) {
    const { name } = one.attributes;
    const input = resourceIn(child(one, 'input'));
    const before = structuredClone(input);
    const diff = resourceIn(child(one, 'diff'));
    const output = child(one, 'output');
    if (output) {
      const patched = applyFhirPathPatch(input, diff);
      expect([name, wordsOnly(patched)]).toEqual([name, wordsOnly(resourceIn(output))]);
    }
    if (!output) expect(() => applyFhirPathPatch(input, diff)).toThrow(FhirError);
    expect(input).toEqual(before);
  }
});

const operation = (type: string, path: string, rest: object[] = []): object => ({
  name: 'operation',
  part: [{ name: 'type', valueCode: type }, { name: 'path', valueString: path }, ...rest],
});
const patch = (...operations: object[]): object => ({ resourceType: 'Parameters', parameter: operations });
const name = (valueString: string): object => ({ name: 'name', valueString });
const value = (of: object): object => ({ name: 'value', ...of });

const patient: Patient = {
  resourceType: 'Patient',
  id: 'p',
  active: true,
  name: [{ given: ['A', 'B', 'C'], _given: [null, { id: 'b' }, null] } as never, { family: 'X' }],
  contact: [{ gender: 'female' }],
};
const observation: Observation = {
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'x' },
  valueQuantity: { value: 1, unit: 'mg' },
  component: [{ code: { text: 'y' }, valueString: 'z' }],
};

describe('Elements of all kinds', () => {
  test.each([
    ['a choice gets its type', observation, operation('replace', 'Observation.value', [value({ valueString: 'high' })]), { valueString: 'high', valueQuantity: undefined }],
    ['a choice inside a list', observation, operation('replace', 'Observation.component[0].value', [value({ valueInteger: 3 })]), { component: [{ code: { text: 'y' }, valueInteger: 3 }] }],
    ['a choice is added', { ...observation, valueQuantity: undefined } as unknown as Observation, operation('add', 'Observation', [name('value'), value({ valueCodeableConcept: { text: 'q' } })]), { valueCodeableConcept: { text: 'q' } }],
    ['a choice is deleted', observation, operation('delete', 'Observation.value'), { valueQuantity: undefined }],
    ['an item of a list of primitives, with its sibling', patient, operation('delete', "Patient.name[0].given.where($this = 'B')"), { name: [{ given: ['A', 'C'] }, { family: 'X' }] }],
    ['primitives are moved with their siblings', patient, operation('move', 'Patient.name[0].given', [{ name: 'source', valueInteger: 1 }, { name: 'destination', valueInteger: 0 }]), { name: [{ given: ['B', 'A', 'C'], _given: [{ id: 'b' }, null, null] }, { family: 'X' }] }],
    ['a primitive is replaced with its sibling', patient, operation('replace', 'Patient.name[0].given[1]', [value({ valueString: 'D', _valueString: { id: 'd' } })]), { name: [{ given: ['A', 'D', 'C'], _given: [null, { id: 'd' }, null] }, { family: 'X' }] }],
    ['an extension is added', patient, operation('add', 'Patient', [name('extension'), value({ valueExtension: { url: 'https://example.org/x', valueBoolean: true } })]), { extension: [{ url: 'https://example.org/x', valueBoolean: true }] }],
    ['an anonymous type with lists', patient, operation('add', 'Patient', [name('contact'), value({ part: [{ name: 'telecom', valueContactPoint: { value: '1' } }, { name: 'telecom', valueContactPoint: { value: '2' } }, { name: 'gender', valueCode: 'male' }] })]), { contact: [{ gender: 'female' }, { telecom: [{ value: '1' }, { value: '2' }], gender: 'male' }] }],
    ['a contained resource', patient, operation('add', 'Patient', [name('contained'), value({ resource: { resourceType: 'Basic', id: 'c' } })]), { contained: [{ resourceType: 'Basic', id: 'c' }] }],
    ['what becomes empty goes', patient, operation('delete', 'Patient.contact[0].gender'), { contact: undefined }],
    ['an insert into a list that is not there yet', patient, operation('insert', 'Patient.telecom', [{ name: 'index', valueInteger: 0 }, value({ valueContactPoint: { value: '1' } })]), { telecom: [{ value: '1' }] }],
    ['a delete of nothing', patient, operation('delete', 'Patient.birthDate'), {}],
  ])('%s.', (_title, resource, one, expected) => {
    const plain = JSON.parse(JSON.stringify({ ...resource, ...expected })) as object;
    expect(applyFhirPathPatch(resource, patch(one))).toEqual(plain);
  }); // prettier-ignore
});

test('Decimals keep their text, those that move and those that come.', () => {
  const text =
    '{"resourceType":"Observation","status":"final","code":{"text":"x"},"component":[{"code":{"text":"a"},"valueQuantity":{"value":1.00}},{"code":{"text":"b"},"valueQuantity":{"value":2.50}}]}';
  const parameters = parseJson(
    `{"resourceType":"Parameters","parameter":[${JSON.stringify(
      operation('move', 'Observation.component', [
        { name: 'source', valueInteger: 1 },
        { name: 'destination', valueInteger: 0 },
      ]),
    )},` +
      '{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Observation.component[1].value.value"},{"name":"value","valueDecimal":7.0}]},' +
      '{"name":"operation","part":[{"name":"type","valueCode":"add"},{"name":"path","valueString":"Observation"},{"name":"name","valueString":"value"},{"name":"value","valueQuantity":{"value":3.10}}]}]}',
  );
  expect(toJson(applyFhirPathPatch(parseJson(text) as Observation, parameters))).toBe(
    '{"resourceType":"Observation","status":"final","code":{"text":"x"},"component":[{"code":{"text":"b"},"valueQuantity":{"value":2.50}},{"code":{"text":"a"},"valueQuantity":{"value":7.0}}],"valueQuantity":{"value":3.10}}',
  );
});

describe('Refused', () => {
  const add = (path: string, ...rest: object[]): object => patch(operation('add', path, rest));
  test.each([
    [400, 'Parameters', null],
    [400, 'Parameters', { resourceType: 'Patient' }],
    [400, 'Parameters.parameter', { resourceType: 'Parameters', parameter: {} }],
    [400, 'Parameters.parameter[0].name', { resourceType: 'Parameters', parameter: [null] }],
    [400, 'Parameters.parameter[0].part', { resourceType: 'Parameters', parameter: [{ name: 'operation' }] }],
    [400, 'Parameters.parameter[0].type', patch(operation('upsert', 'Patient'))],
    [400, 'Parameters.parameter[0].type', patch(operation('constructor', 'Patient'))],
    [400, 'Parameters.parameter[0].path', add('Patient.', name('active'), value({ valueBoolean: true }))],
    [400, 'Parameters.parameter[0].path', add("'text'", name('active'), value({ valueBoolean: true }))],
    [400, 'Parameters.parameter[0].path', add('Patient.name.count()', name('x'), value({ valueBoolean: true }))],
    [400, 'Parameters.parameter[0].path', add(`Patient${' '.repeat(2_000)}`, name('x'), value({ valueBoolean: true }))],
    [400, 'Parameters.parameter[0]', add('Patient', name('birthDate'))],
    [400, 'Parameters.parameter[0]', add('Patient', name('birthDate'), value({}))],
    [400, 'Parameters.parameter[0]', add('Patient', name('birthDate'), value({ valueDate: '2020', valueString: 'x' }))],
    [422, 'Parameters.parameter[0]', add('Patient', name('active'), value({ valueBoolean: true }))],
    [422, 'Parameters.parameter[0]', add('Patient', name('nosuch'), value({ valueBoolean: true }))],
    [422, 'Parameters.parameter[0]', add('Patient.name', name('family'), value({ valueString: 'x' }))],
    [422, 'Parameters.parameter[0]', add('Patient.photo', name('url'), value({ valueUrl: 'x' }))],
    [422, 'Parameters.parameter[0]', patch(operation('delete', 'Patient.name'))],
    [422, 'Parameters.parameter[0]', patch(operation('delete', 'Patient'))],
    [422, 'Parameters.parameter[0]', patch(operation('replace', 'Patient', [value({ valueString: 'x' })]))],
    [422, 'Parameters.parameter[0].index', patch(operation('insert', 'Patient.name', [{ name: 'index', valueInteger: 3 }, value({ valueHumanName: {} })]))],
    [400, 'Parameters.parameter[0].index', patch(operation('insert', 'Patient.name', [{ name: 'index', valueInteger: -1 }, value({ valueHumanName: {} })]))],
    [422, 'Parameters.parameter[0]', patch(operation('insert', 'Patient.active', [{ name: 'index', valueInteger: 0 }, value({ valueBoolean: true })]))],
    [422, 'Parameters.parameter[0].destination', patch(operation('move', 'Patient.name', [{ name: 'source', valueInteger: 0 }, { name: 'destination', valueInteger: 2 }]))],
    [400, 'Parameters.parameter', { resourceType: 'Parameters', parameter: Array.from({ length: 1_001 }, () => operation('delete', 'Patient.x')) }],
  ])('%i at %s: case %#', (status, place, document) => {
    const refused = (): unknown => applyFhirPathPatch(patient, document);
    expect(refused).toThrow(FhirError);
    try {
      refused();
    } catch (error) {
      expect(error).toMatchObject({ status, outcome: { issue: [{ expression: [place] }] } });
    }
  }); // prettier-ignore
});
