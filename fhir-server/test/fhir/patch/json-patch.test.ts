/** JSON Patch. https://www.rfc-editor.org/rfc/rfc6902 */
import { describe, expect, test } from '@jest/globals';
import { FhirError } from '../../../src/fhir/outcome.ts';
import { applyJsonPatch } from '../../../src/fhir/patch/index.ts';

const patient = { resourceType: 'Patient', name: [{ family: 'A' }, { family: 'B' }], 'a/b': { '~': 1 } };

describe('Applied', () => {
  test.each([
    [[{ op: 'add', path: '/active', value: true }], { active: true }],
    [[{ op: 'add', path: '/name/0', value: { family: 'Z' } }], { name: [{ family: 'Z' }, { family: 'A' }, { family: 'B' }] }],
    [[{ op: 'add', path: '/name/-', value: { family: 'Z' } }], { name: [{ family: 'A' }, { family: 'B' }, { family: 'Z' }] }],
    [[{ op: 'remove', path: '/name/0' }], { name: [{ family: 'B' }] }],
    [[{ op: 'replace', path: '/name/1/family', value: 'C' }], { name: [{ family: 'A' }, { family: 'C' }] }],
    [[{ op: 'move', from: '/name/1', path: '/name/0' }], { name: [{ family: 'B' }, { family: 'A' }] }],
    [[{ op: 'copy', from: '/name/0', path: '/name/-' }], { name: [{ family: 'A' }, { family: 'B' }, { family: 'A' }] }],
    [[{ op: 'replace', path: '/a~1b/~0', value: 2 }], { 'a/b': { '~': 2 } }],
    [[{ op: 'test', path: '/a~1b', value: { '~': 1.0 } }], {}],
    [[], {}],
  ])('%j', (operations, expected) => {
    const before = structuredClone(patient);
    expect(applyJsonPatch(patient, operations)).toEqual({ ...patient, ...expected });
    expect(patient).toEqual(before);
  }); // prettier-ignore

  test('A copy is a value of its own.', () => {
    const operations = [
      { op: 'copy', from: '/name/0', path: '/name/-' },
      { op: 'replace', path: '/name/2/family', value: 'C' },
    ];
    expect(applyJsonPatch(patient, operations)).toMatchObject({
      name: [{ family: 'A' }, { family: 'B' }, { family: 'C' }],
    });
  });
});

describe('Refused', () => {
  test.each([
    [400, 'patch', { op: 'add' }],
    [400, 'patch', 'x'],
    [400, 'patch[0]', ['x']],
    [400, 'patch[0].op', [{ path: '/a', value: 1 }]],
    [400, 'patch[0].op', [{ op: 'toString', path: '/a', value: 1 }]],
    [400, 'patch[0].path', [{ op: 'add', value: 1 }]],
    [400, 'patch[0].path', [{ op: 'add', path: 'active', value: 1 }]],
    [400, 'patch[0].path', [{ op: 'add', path: '/a~2', value: 1 }]],
    [400, 'patch[0].path', [{ op: 'replace', path: '', value: {} }]],
    [400, 'patch[0].path', [{ op: 'add', path: '/__proto__/polluted', value: 1 }]],
    [400, 'patch[0].path', [{ op: 'add', path: '/constructor/prototype/polluted', value: 1 }]],
    [400, 'patch[0].value', [{ op: 'add', path: '/a' }]],
    [400, 'patch[0].from', [{ op: 'move', path: '/a' }]],
    [400, 'patch[0].path', [{ op: 'move', from: '/name', path: '/name/0' }]],
    [422, 'patch[0]', [{ op: 'remove', path: '/nothing' }]],
    [422, 'patch[0]', [{ op: 'remove', path: '/name/-' }]],
    [422, 'patch[0]', [{ op: 'remove', path: '/name/2' }]],
    [422, 'patch[0]', [{ op: 'replace', path: '/name/x', value: 1 }]],
    [422, 'patch[0]', [{ op: 'add', path: '/name/3', value: {} }]],
    [422, 'patch[0]', [{ op: 'add', path: '/name/01', value: {} }]],
    [422, 'patch[0]', [{ op: 'add', path: '/name/length', value: 0 }]],
    [422, 'patch[0]', [{ op: 'add', path: '/nothing/x', value: 1 }]],
    [422, 'patch[0]', [{ op: 'add', path: '/resourceType/x', value: 1 }]],
    [422, 'patch[0]', [{ op: 'copy', from: '/nothing', path: '/a' }]],
    [422, 'patch[1]', [{ op: 'remove', path: '/name' }, { op: 'test', path: '/resourceType', value: 'X' }]],
    [400, 'patch', Array.from({ length: 1_001 }, () => ({ op: 'test', path: '/name/0/family', value: 'A' }))],
  ])('%i at %s: case %#', (status, place, operations) => {
    let refusal: unknown;
    try {
      applyJsonPatch(patient, operations);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(FhirError);
    expect(refusal).toMatchObject({ status, outcome: { issue: [{ expression: [place] }] } });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  }); // prettier-ignore
});
