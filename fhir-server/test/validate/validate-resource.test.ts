/** Structural validation: what is refused, with which code and where; and that real data passes. */
import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Bundle } from '@medplum/fhirtypes';
import { validateResource } from '../../src/validate/index.ts';
import { sharedData, testWith } from '../support/requirement.ts';

const observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };
const patient = (rest: object): object => ({ resourceType: 'Patient', ...rest });

const faulty: [title: string, resource: unknown, code: string, expression: string][] = [
  ['no type', {}, 'structure', 'resourceType'],
  ['an unknown type', { resourceType: 'Patent' }, 'structure', 'resourceType'],
  ['an abstract type', { resourceType: 'DomainResource' }, 'structure', 'resourceType'],
  ['an unknown element', patient({ nmae: [] }), 'structure', 'Patient.nmae'],
  [
    'a prototype key',
    JSON.parse('{"resourceType":"Patient","__proto__":{"a":1}}'),
    'structure',
    'Patient.__proto__',
  ],
  ['a missing element', { resourceType: 'Observation', status: 'final' }, 'required', 'Observation.code'],
  ['an object for an array', patient({ name: { family: 'x' } }), 'structure', 'Patient.name'],
  ['an array for a single value', patient({ gender: ['male'] }), 'value', 'Patient.gender'],
  ['an empty array', patient({ name: [] }), 'structure', 'Patient.name'],
  ['an empty object', patient({ contact: [{}] }), 'structure', 'Patient.contact[0]'],
  ['an empty string', patient({ name: [{ given: ['a', ''] }] }), 'value', 'Patient.name[0].given[1]'],
  ['a control character', patient({ name: [{ family: 'a\u0000' }] }), 'value', 'Patient.name[0].family'],
  ['a lone surrogate', patient({ name: [{ family: 'a\ud800' }] }), 'value', 'Patient.name[0].family'],
  ['a date that does not exist', patient({ birthDate: '2023-02-30' }), 'value', 'Patient.birthDate'],
  [
    'a time without a zone',
    { ...observation, effectiveDateTime: '2023-02-20T10:00:00' },
    'value',
    'Observation.effectiveDateTime',
  ],
  ['text for a boolean', patient({ active: 'true' }), 'value', 'Patient.active'],
  [
    'a fraction for an integer',
    patient({ multipleBirthInteger: 1.5 }),
    'value',
    'Patient.multipleBirthInteger',
  ],
  ['a code outside the required value set', patient({ gender: 'm' }), 'code-invalid', 'Patient.gender'],
  [
    'two types of a choice',
    patient({ deceasedBoolean: true, deceasedDateTime: '2020' }),
    'structure',
    'Patient.deceasedDateTime',
  ],
  [
    'a reference to a wrong type',
    { ...observation, subject: { reference: 'Medication/1' } },
    'value',
    'Observation.subject.reference',
  ],
  [
    'an extension with nothing',
    patient({ extension: [{ url: 'http://a' }] }),
    'invariant',
    'Patient.extension[0]',
  ],
  [
    'a faulty contained resource',
    patient({ contained: [{ resourceType: 'Observation', id: 'a', code: { text: 'x' } }] }),
    'required',
    'Patient.contained[0].status',
  ],
  [
    'a contained resource in a contained one',
    patient({ contained: [patient({ contained: [patient({ id: 'b' })] })] }),
    'invariant',
    'Patient.contained[0].contained',
  ],
  [
    'a script in the narrative',
    patient({
      text: {
        status: 'generated',
        div: '<div xmlns="http://www.w3.org/1999/xhtml"><script>x</script></div>',
      },
    }),
    'value',
    'Patient.text.div',
  ],
  [
    'a faulty resource in a Bundle',
    { resourceType: 'Bundle', type: 'collection', entry: [{ resource: patient({ active: 1 }) }] },
    'value',
    'Bundle.entry[0].resource.active',
  ],
];

describe('a resource is refused for', () => {
  test.each(faulty)('%s', (_title, resource, code, expression) => {
    const found = validateResource(resource).map((i) => ({ code: i.code, expression: i.expression?.[0] }));
    expect(found).toContainEqual({ code, expression });
  });
});

describe('a resource is accepted with', () => {
  test.each([
    [
      'extensions on primitives',
      patient({ _birthDate: { extension: [{ url: 'http://a', valueString: 'x' }] } }),
    ],
    [
      'nulls in arrays of primitives',
      patient({ name: [{ given: ['a', null], _given: [null, { id: 'x' }] }] }),
    ],
    [
      'a required element known only by its extension',
      { ...observation, status: undefined, _status: { extension: [{ url: 'http://a', valueCode: 'x' }] } },
    ],
    [
      'references that do not name a type',
      { ...observation, subject: { reference: 'urn:uuid:0c3201bd-1cbf-4d64-b04d-cd9187a4c6e0' } },
    ],
  ])('%s', (_title, resource) => {
    expect(validateResource(JSON.parse(JSON.stringify(resource)))).toEqual([]);
  });
});

test('values are not repeated in messages', () => {
  const [found] = validateResource(patient({ birthDate: 'Erika Mustermann' }));
  expect(JSON.stringify(found)).not.toContain('Mustermann');
});

const synthea = sharedData('synthea');

testWith(synthea)('resources of Synthea bundles are valid', () => {
  const files = readdirSync(synthea.path!)
    .filter((f) => f.endsWith('.gz'))
    .slice(0, 8);
  for (const file of files) {
    const bundle = JSON.parse(gunzipSync(readFileSync(join(synthea.path!, file))).toString()) as Bundle;
    for (const { resource } of bundle.entry ?? []) expect(validateResource(resource)).toEqual([]);
  }
});
