/** Differences of resources are patches that make one of the other. https://hl7.org/fhir/R4/fhirpatch.html */
import { expect, test } from '@jest/globals';
import type { Resource } from '@medplum/fhirtypes';
import { markedToJson, parseJson, parseStored, toJson } from '../../../src/fhir/json/index.ts';
import { applyFhirPathPatch, diffResources } from '../../../src/fhir/patch/index.ts';
import { EXAMPLE_EXCEPTIONS } from '../../conformance/example-exceptions.ts';
import { exampleNames, readExample } from '../../conformance/official-examples.ts';

const parse = (value: object | string): Resource =>
  parseStored<Resource>(typeof value === 'string' ? value : JSON.stringify(value));
const diff = (a: Resource, b: Resource) => JSON.parse(markedToJson(diffResources(a, b))) as { parameter?: { part: object[] }[] }; // prettier-ignore

/** Without regard to the order of members. */
const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, sorted(v)])) // prettier-ignore
      : value;

function expectPatched(before: Resource, after: Resource): void {
  const patch = parseJson(markedToJson(diffResources(before, after)));
  const patched = applyFhirPathPatch(before, patch);
  expect(sorted(JSON.parse(toJson({ ...patched, id: 'x' })))).toEqual(sorted(JSON.parse(toJson({ ...after, id: 'x' })))); // prettier-ignore
}

const PATIENT = {
  resourceType: 'Patient',
  gender: 'male',
  name: [{ family: 'A', given: ['x', 'y'] }, { family: 'B' }],
  contact: [{ name: { family: 'C' }, telecom: [{ value: '1' }] }],
};

test('no difference is an empty patch.', () => {
  expect(diff(parse(PATIENT), parse(PATIENT))).toEqual({ resourceType: 'Parameters' });
});

test('an operation tells type, path, the value before and after.', () => {
  const after = { ...PATIENT, gender: 'female', name: [{ family: 'A', given: ['x', 'z'] }, { family: 'B' }] };
  expect(diff(parse(PATIENT), parse(after)).parameter).toEqual([
    {
      name: 'operation',
      part: [
        { name: 'type', valueCode: 'replace' },
        { name: 'path', valueString: 'Patient.gender' },
        { name: 'previousValue', valueCode: 'male' },
        { name: 'value', valueCode: 'female' },
      ],
    },
    {
      name: 'operation',
      part: [
        { name: 'type', valueCode: 'replace' },
        { name: 'path', valueString: 'Patient.name[0].given[1]' },
        { name: 'previousValue', valueString: 'y' },
        { name: 'value', valueString: 'z' },
      ],
    },
  ]);
});

test.each<[string, object]>([
  ['an element that is new', { birthDate: '2000-01-01' }],
  ['an element that is gone', { gender: undefined }],
  ['a list that is new', { address: [{ city: 'a' }, { city: 'b' }] }],
  ['a list that is gone', { name: undefined }],
  ['items before, between and after', { name: [{ family: 'Z' }, { family: 'A', given: ['x', 'y'] }, { family: 'Y' }, { family: 'B' }, { family: 'X' }] }],
  ['items that are gone', { name: [{ family: 'B' }] }],
  ['a choice', { deceasedBoolean: false }],
  ['an anonymous element', { contact: [{ name: { family: 'C' }, telecom: [{ value: '1' }] }, { relationship: [{ text: 'aunt' }], gender: 'female', telecom: [{ value: '2' }, { value: '3' }] }] }],
  ['within an anonymous element', { contact: [{ name: { family: 'D' }, telecom: [{ value: '0' }, { value: '1' }] }] }],
  ['an id and extensions of a primitive', { _gender: { id: 'g', extension: [{ url: 'http://x.example/e', valueCode: 'x' }] } }],
  ['only extensions', { gender: undefined, _gender: { extension: [{ url: 'http://x.example/e', valueCode: 'x' }] } }],
  ['extensions in a list of primitives', { name: [{ family: 'A', given: ['x', 'y'], _given: [null, { id: 'q' }] }, { family: 'B' }] }],
  ['what it contains', { contained: [{ resourceType: 'Organization', id: 'o', name: 'x' }], managingOrganization: { reference: '#o' } }],
  ['its narrative', { text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' } }],
])('%s makes a patch that applies, both ways.', (_, changes) => {
  const after = parse({ ...PATIENT, ...changes });
  expectPatched(parse(PATIENT), after);
  expectPatched(after, parse(PATIENT));
}); // prettier-ignore

test('choices change their type, and decimals keep their digits.', () => {
  const of = (rest: string): Resource => parse(`{"resourceType":"Observation","status":"final","code":{"text":"x"}${rest}}`);
  const one = of(',"valueQuantity":{"value":1.0}');
  const two = of(',"valueQuantity":{"value":1.00}');
  expect(markedToJson(diffResources(one, two))).toContain('{"name":"previousValue","valueDecimal":1.0},{"name":"value","valueDecimal":1.00}');
  expect(toJson(applyFhirPathPatch(one, parseJson(markedToJson(diffResources(one, two)))))).toContain('{"value":1.00}');
  expectPatched(one, of(',"valueString":"x"'));
}); // prettier-ignore

test('elements that are called like words of FHIRPath are found.', () => {
  const of = (code: string): Resource =>
    parse({ resourceType: 'ValueSet', status: 'active', expansion: { timestamp: '2020-01-01', contains: [{ system: 'http://x.example', code, contains: [{ code: 'a' }] }] } }); // prettier-ignore
  expectPatched(of('x'), of('y'));
});

const SIZE_MAX = 20_000;
/** Not those with types that no value[x] has (ElementDefinition), and none that takes long. */
const examples = exampleNames()
  .filter((name) => !Object.hasOwn(EXAMPLE_EXCEPTIONS, name))
  .filter((name) => !/^(?:StructureDefinition|Bundle|Parameters|ig|package)/.test(name))
  .map((name) => ({ name, resource: readExample(name) }))
  .filter(({ resource }) => JSON.stringify(resource).length < SIZE_MAX);

test('of any two official examples of one type one becomes the other.', () => {
  const byType = Map.groupBy(examples, ({ resource }) => resource.resourceType);
  let pairs = 0;
  for (const ofType of byType.values())
    for (const [i, { name, resource }] of ofType.slice(0, 12).entries()) {
      const other = ofType[(i + 1) % Math.min(12, ofType.length)]!;
      try {
        expectPatched(parse(resource), parse(other.resource));
      } catch (error) {
        throw new Error(`${name} → ${other.name}: ${(error as Error).message}`, { cause: error });
      }
      pairs += 1;
    }
  expect(pairs).toBeGreaterThan(300);
}, 120_000);
