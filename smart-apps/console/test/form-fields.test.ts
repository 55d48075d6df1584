/** A document as fields. */
import { expect, test } from '@jest/globals';
import { fieldRemarks } from '../app/pure/field-remarks.ts';
import { expressionOf, formOf, withCopy, withValue, type FormNode } from '../app/pure/form-fields.ts';

const patient = {
  resourceType: 'Patient',
  id: 'p',
  meta: { versionId: '1', lastUpdated: '2026-01-01T00:00:00Z', tag: [{ code: 't' }] },
  active: true,
  name: [{ family: 'Doe', given: ['Jo', 'Ann'] }],
  multipleBirthInteger: 2,
};

const leaves = (nodes: readonly FormNode[]): [string, string][] =>
  nodes.flatMap((node) =>
    node.kind === 'group' ? leaves(node.children) : [[expressionOf(node.path), node.kind]],
  );

test('Each value has a field, but for those that the server sets and those that make it another resource.', () => {
  expect(leaves(formOf(patient))).toEqual([
    ['meta.tag[0].code', 'text'],
    ['active', 'boolean'],
    ['name[0].family', 'text'],
    ['name[0].given[0]', 'text'],
    ['name[0].given[1]', 'text'],
    ['multipleBirthInteger', 'number'],
  ]);
});

test('A change leaves the rest and its order as they are.', () => {
  const changed = withValue(patient, ['name', 0, 'given', 1], 'Anne');
  expect(changed).toEqual({ ...patient, name: [{ family: 'Doe', given: ['Jo', 'Anne'] }] });
  expect(Object.keys(changed)).toEqual(Object.keys(patient));
  expect(patient.name[0]?.given).toEqual(['Jo', 'Ann']);
});

test('What is taken out leaves nothing empty behind.', () => {
  const one = { name: [{ given: ['Jo'] }], active: true };
  expect(withValue(one, ['name', 0, 'given', 0], undefined)).toEqual({ active: true });
  expect(withValue(patient, ['name', 0, 'given', 0], undefined)).toMatchObject({
    name: [{ family: 'Doe', given: ['Ann'] }],
  });
});

test('A copy of an item stands behind it.', () => {
  expect(withCopy(patient, ['name', 0, 'given', 0])).toMatchObject({
    name: [{ given: ['Jo', 'Jo', 'Ann'] }],
  });
  expect(withCopy(patient, ['name', 0])).toMatchObject({ name: [{ family: 'Doe' }, { family: 'Doe' }] });
  expect(withCopy(patient, ['active'])).toBe(patient);
});

test('What is wrong stands at its field; what has none is said of the whole.', () => {
  const text = JSON.stringify(patient, undefined, 2);
  const lineOf = (part: string): number => text.split('\n').findIndex((line) => line.includes(part));
  const said = fieldRemarks(text, patient, [
    { line: lineOf('"Ann"'), severity: 'error', text: 'Too short.' },
    { line: lineOf('"Ann"'), severity: 'error', text: 'No name.' },
    { line: lineOf('"active"'), severity: 'warning', text: 'Hm.' },
    { line: 0, severity: 'error', text: 'Something is missing.' },
  ]);
  expect([...said.remarks]).toEqual([['name[0].given[1]', 'Too short. No name.']]);
  expect(said.others).toEqual(['Something is missing.']);
});
