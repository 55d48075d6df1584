/** The rules that a profile can make, one by one, on profiles of our own. */
import { describe, expect, test } from '@jest/globals';
import type { ElementDefinition, Resource, StructureDefinition } from '@medplum/fhirtypes';
import { DefinitionError, ProfileSet, type ProfileContext } from '../../../src/validate/profile/index.ts';
import { profileSources } from '../../support/us-core.ts';

const CORE = 'http://hl7.org/fhir/StructureDefinition/';
const URL = 'http://example.org/p';

const profile = (type: string, element: ElementDefinition[], url = URL): StructureDefinition => ({
  resourceType: 'StructureDefinition',
  url,
  name: 'P',
  status: 'active',
  kind: 'resource',
  abstract: false,
  type,
  baseDefinition: CORE + type,
  derivation: 'constraint',
  differential: { element },
});

/** `severity expression` of each issue. */
function found(resource: object, definitions: StructureDefinition[], context: ProfileContext = {}): string[] {
  const { issues } = new ProfileSet(profileSources(definitions)).profile(URL)!.validate(resource, context);
  return issues.map((i) => `${i.severity} ${i.expression?.[0]}`);
}

const patient = (more: object): object => ({ resourceType: 'Patient', ...more });
const observation = (more: object): object => ({ resourceType: 'Observation', ...more });
const sliced = (path: string, type: 'value' | 'exists' | 'type' | 'profile' | 'pattern', at: string, rules: 'open' | 'closed' | 'openAtEnd' = 'open', ordered = false): ElementDefinition => ({ path, slicing: { rules, ordered, discriminator: [{ type, path: at }] } }); // prettier-ignore
const useSlice = (name: string, more: ElementDefinition = { path: '' }): ElementDefinition[] => [
  { ...more, path: 'Patient.name', sliceName: name },
  { path: 'Patient.name.use', id: `Patient.name:${name}.use`, fixedCode: name },
];
const names = (...uses: (string | undefined)[]): object =>
  patient({ name: uses.map((use) => (use === undefined ? { family: 'x' } : { use })) });

type Case = [rule: string, differential: ElementDefinition[], good: object, bad: object, at: string];

describe('What a rule asks for passes, and what breaks it is found where it is', () => {
  test.each<Case>([
    ['closed slicing', [sliced('Patient.name', 'value', 'use', 'closed'), ...useSlice('official')], names('official'), names('official', 'old'), 'error Patient.name[1]'],
    ['open at the end', [sliced('Patient.name', 'value', 'use', 'openAtEnd'), ...useSlice('official')], names('official', 'old'), names('old', 'official'), 'error Patient.name[0]'],
    ['ordered slices', [sliced('Patient.name', 'value', 'use', 'open', true), ...useSlice('official'), ...useSlice('old')], names('official', 'old'), names('old', 'official'), 'error Patient.name[1]'],
    ['slice by existence', [sliced('Patient.name', 'exists', 'family'), { path: 'Patient.name', sliceName: 'f', max: '1' }, { path: 'Patient.name.family', id: 'Patient.name:f.family', min: 1 }], names(undefined, 'old', 'old'), names(undefined, undefined), 'error Patient.name'],
    ['slice by absence', [sliced('Patient.name', 'exists', 'family'), { path: 'Patient.name', sliceName: 'n', max: '1' }, { path: 'Patient.name.family', id: 'Patient.name:n.family', max: '0' }], names(undefined, undefined, 'old'), names('old', 'old'), 'error Patient.name'],
    ['slice by the type of a choice', [sliced('Observation.value[x]', 'type', '$this'), { path: 'Observation.value[x]', sliceName: 'valueQuantity', type: [{ code: 'Quantity' }] }, { path: 'Observation.value[x].unit', id: 'Observation.value[x]:valueQuantity.unit', min: 1 }], observation({ valueString: 'x' }), observation({ valueQuantity: { value: 1 } }), 'error Observation.value.unit'],
    ['slice by the type of what is referred to', [sliced('Observation.performer', 'type', 'resolve()'), { path: 'Observation.performer', sliceName: 'who', min: 1, type: [{ code: 'Reference', targetProfile: [`${CORE}Practitioner`] }] }], observation({ performer: [{ reference: 'Practitioner/1' }] }), observation({ performer: [{ reference: 'Organization/1' }] }), 'error Observation.performer'],
    ['slice by an extension', [sliced('Patient.name', 'value', "extension('http://hl7.org/fhir/StructureDefinition/data-absent-reason').value"), { path: 'Patient.name', sliceName: 'e', min: 1 }, { path: 'Patient.name.extension', id: 'Patient.name:e.extension:x', sliceName: 'x', type: [{ code: 'Extension', profile: ['http://hl7.org/fhir/StructureDefinition/data-absent-reason'] }] }, { path: 'Patient.name.extension.value[x]', id: 'Patient.name:e.extension:x.value[x]', fixedCode: 'unknown' }], patient({ name: [{ extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }] }] }), patient({ name: [{ extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }] }] }), 'error Patient.name'],
    ['slices without a discriminator', [{ path: 'Patient.name', slicing: { rules: 'closed' } }, ...useSlice('official')], names('official'), names('old'), 'error Patient.name[0]'],
    ['slice of a slice', [sliced('Patient.name', 'value', 'use'), ...useSlice('official'), { id: 'Patient.name:official', path: 'Patient.name', sliceName: 'official', slicing: { rules: 'open', discriminator: [{ type: 'value', path: 'family' }] } }, { path: 'Patient.name', sliceName: 'official/x', max: '1' }, { path: 'Patient.name.family', id: 'Patient.name:official/x.family', fixedString: 'x' }], patient({ name: [{ use: 'official', family: 'x' }, { use: 'official', family: 'y' }, { family: 'x' }] }), patient({ name: [{ use: 'official', family: 'x' }, { use: 'official', family: 'x' }] }), 'error Patient.name'],
    ['the slice of all others', [sliced('Patient.name', 'value', 'use', 'closed'), ...useSlice('official'), { path: 'Patient.name', sliceName: '@default' }, { path: 'Patient.name.family', id: 'Patient.name:@default.family', min: 1 }], names('official', undefined), names('official', 'old'), 'error Patient.name[1].family'],
    ['fixed value of an object', [{ path: 'Patient.maritalStatus', fixedCodeableConcept: { text: 'x' } }], patient({ maritalStatus: { text: 'x' } }), patient({ maritalStatus: { text: 'x', coding: [{ code: 'M' }] } }), 'error Patient.maritalStatus'],
    ['pattern of an object', [{ path: 'Patient.maritalStatus', patternCodeableConcept: { coding: [{ code: 'M' }] } }], patient({ maritalStatus: { text: 'x', coding: [{ code: 'U' }, { code: 'M' }] } }), patient({ maritalStatus: { coding: [{ code: 'U' }] } }), 'error Patient.maritalStatus'],
    ['longest text', [{ path: 'Patient.name.family', maxLength: 3 }], patient({ name: [{ family: '👩👩👩' }] }), patient({ name: [{ family: 'Shaw' }] }), 'error Patient.name[0].family'],
    ['largest number', [{ path: 'Patient.multipleBirth[x]', maxValueInteger: 4 }], patient({ multipleBirthInteger: 4 }), patient({ multipleBirthInteger: 5 }), 'error Patient.multipleBirth'],
    ['smallest date', [{ path: 'Patient.birthDate', minValueDate: '1900-01-01' }], patient({ birthDate: '1900-01-01' }), patient({ birthDate: '1899-12-31' }), 'error Patient.birthDate'],
    ['smallest quantity', [{ path: 'Observation.valueQuantity', minValueQuantity: { value: 0, code: 'kg' } }], observation({ valueQuantity: { value: -1, code: 'g' } }), observation({ valueQuantity: { value: -1, code: 'kg' } }), 'error Observation.value'],
    ['what is not allowed', [{ path: 'Patient.photo', max: '0' }], patient({}), patient({ photo: [{ url: 'x' }] }), 'error Patient.photo'],
    ['at most some', [{ path: 'Patient.name', max: '2' }], names('old', 'old'), names('old', 'old', 'old'), 'error Patient.name'],
    ['invariant', [{ path: 'Patient', constraint: [{ key: 'p-1', severity: 'error', human: 'h', expression: 'name.exists() or birthDate.exists()' }] }], names('old'), patient({}), 'error Patient'],
    ['invariant that warns', [{ path: 'Patient.name', constraint: [{ key: 'p-2', severity: 'warning', human: 'h', expression: "use = 'old'" }] }], names('old'), names('usual'), 'warning Patient.name[0]'],
    ['extension of a primitive', [{ path: 'Patient.birthDate.extension', id: 'Patient.birthDate.extension', min: 1 }], patient({ _birthDate: { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }] } }), patient({ birthDate: '2000-01-01' }), 'error Patient.birthDate.extension'],
    ['binding to codes of the standard', [{ path: 'Patient.maritalStatus', binding: { strength: 'required', valueSet: 'http://hl7.org/fhir/ValueSet/administrative-gender' } }], patient({ maritalStatus: { coding: [{ system: 'http://hl7.org/fhir/administrative-gender', code: 'male' }] } }), patient({ maritalStatus: { text: 'x' } }), 'error Patient.maritalStatus'],
    ['type of a resource inside', [{ path: 'Patient.contained', type: [{ code: 'Organization' }] }], patient({ contained: [{ resourceType: 'Organization', id: 'o' }] }), patient({ contained: [{ resourceType: 'Location', id: 'l' }] }), 'error Patient.contained[0]'],
  ])('%s', (_rule, differential, good, bad, at) => {
    const { resourceType } = good as Resource;
    const definitions = [profile(resourceType, differential)];
    expect(found(good, definitions)).toEqual([]);
    expect(found(bad, definitions)).toEqual([at]);
  });
}); // prettier-ignore

test('The blood pressure of the standard, whose slices are told by slices, takes its components in any order.', () => {
  const component = (code: string): object => ({
    code: { coding: [{ system: 'http://loinc.org', code }] },
    valueQuantity: { value: 80, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
  });
  const pressure = (...codes: string[]): string[] => {
    const set = new ProfileSet(profileSources([]));
    const { issues } = set.profile(`${CORE}bp`)!.validate(
      observation({
        category: [
          {
            coding: [
              { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' },
            ],
          },
        ],
        code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }] },
        subject: { reference: 'Patient/1' },
        effectiveDateTime: '2020-01-01',
        component: codes.map(component),
      }),
    );
    return issues.map((i) => i.diagnostics ?? '');
  };
  expect(pressure('8480-6', '8462-4')).toEqual([]);
  expect(pressure('8462-4', '8480-6')).toEqual([]);
  expect(pressure('8480-6')).toContainEqual(expect.stringMatching(/at least 1 of slice DiastolicBP/));
});

const NAMED = profile('Patient', [{ path: 'Patient.name', min: 1 }], 'http://example.org/named');

test('What a reference leads to in the same bundle must conform to the profile that is asked for.', () => {
  const definitions = [
    NAMED,
    profile('Observation', [
      { path: 'Observation.subject', type: [{ code: 'Reference', targetProfile: [NAMED.url] }] },
    ]),
  ];
  const inBundle = (subject: object): string[] =>
    found(observation({ subject: { reference: 'urn:uuid:1' } }), definitions, { resolve: () => subject });
  expect(inBundle(names('old'))).toEqual([]);
  expect(inBundle(patient({}))).toEqual(['error Observation.subject.reference']);
  expect(inBundle({ resourceType: 'Group' })).toEqual(['error Observation.subject.reference']);
});

test('Entries of a Bundle are sliced by their profiles.', () => {
  const definitions = [
    NAMED,
    profile('Bundle', [
      sliced('Bundle.entry', 'profile', 'resource', 'closed'),
      { path: 'Bundle.entry', sliceName: 'named', min: 1 },
      {
        path: 'Bundle.entry.resource',
        id: 'Bundle.entry:named.resource',
        type: [{ code: 'Patient', profile: [NAMED.url] }],
      },
    ]),
  ];
  const bundle = (...resources: object[]): object => ({
    resourceType: 'Bundle',
    entry: resources.map((resource) => ({ resource })),
  });
  expect(found(bundle(names('old')), definitions)).toEqual([]);
  expect(found(bundle(names('old'), patient({})), definitions)).toEqual(['error Bundle.entry[1]']);
});

test('Profiles that refer to each other come to an end.', () => {
  const other = profile(
    'Patient',
    [{ path: 'Patient.link.other', type: [{ code: 'Reference', targetProfile: [URL] }] }],
    'http://example.org/other',
  );
  const definitions = [
    profile('Patient', [
      { path: 'Patient.link.other', type: [{ code: 'Reference', targetProfile: [other.url] }] },
    ]),
    other,
  ];
  const self: object = patient({ link: [{ type: 'seealso', other: { reference: 'Patient/1' } }] });
  expect(found(self, definitions, { resolve: () => self })).toEqual([]);
});

describe('A profile that cannot be compiled says where', () => {
  test.each<[string, ElementDefinition[]]>([
    ['an invariant that is no FHIRPath', [{ path: 'Patient', constraint: [{ key: 'x', severity: 'error', human: 'h', expression: 'name.(' }] }]],
    ['a discriminator that is no path', [sliced('Patient.name', 'value', 'use + 1'), ...useSlice('old')]],
    ['a discriminator of no kind', [sliced('Patient.name', 'colour' as 'value', 'use'), ...useSlice('old')]],
  ])('%s', (_what, differential) => {
    const set = new ProfileSet(profileSources([profile('Patient', differential)]));
    expect(() => set.profile(URL)).toThrow(DefinitionError);
    expect(() => set.profile(URL)).toThrow(DefinitionError);
  }); // prettier-ignore
});

test('An invariant that fails on the content is told, and refuses nothing.', () => {
  const fails = profile('Patient', [{ path: 'Patient', constraint: [{ key: 'x', severity: 'error', human: 'h', expression: 'name.single().family.exists()' }] }]); // prettier-ignore
  expect(found(names('old', 'usual'), [fails])).toEqual(['information Patient']);
});
