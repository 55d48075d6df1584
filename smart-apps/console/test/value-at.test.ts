/** Both sides of a difference, from a FHIRPath Patch and the resource of before. */
import { expect, test } from '@jest/globals';
import { changesOf, valueAt } from '../app/pure/value-at.ts';

const BEFORE = {
  resourceType: 'Observation',
  status: 'final',
  valueString: 'low',
  note: [{ text: 'a' }, { text: 'b' }],
};

test.each([
  ['Observation.status', 'final'],
  ['Observation.value', 'low'],
  ['Observation.note[1].text', 'b'],
  ['Observation.note[2].text', undefined],
  ['Observation.code.text', undefined],
  ['Observation', BEFORE],
])('%s', (path, value) => {
  expect(valueAt(BEFORE, path)).toEqual(value);
});

test('A replaced value has both sides, an added one the second, a deleted one the first.', () => {
  const operation = (...part: { name: string; [value: string]: unknown }[]) => ({ name: 'operation', part });
  const parameter = [
    operation(
      { name: 'type', valueCode: 'replace' },
      { name: 'path', valueString: 'Observation.status' },
      { name: 'value', valueCode: 'amended' },
    ),
    operation(
      { name: 'type', valueCode: 'add' },
      { name: 'path', valueString: 'Observation' },
      { name: 'name', valueString: 'issued' },
      { name: 'value', valueInstant: '2026-01-01T00:00:00Z' },
    ),
    operation({ name: 'type', valueCode: 'delete' }, { name: 'path', valueString: 'Observation.note[0]' }),
    operation(
      { name: 'type', valueCode: 'insert' },
      { name: 'path', valueString: 'Observation.note' },
      { name: 'index', valueInteger: 0 },
      { name: 'value', part: [{ name: 'text', valueMarkdown: 'c' }] },
    ),
  ];
  expect(changesOf({ parameter }, BEFORE)).toEqual([
    { type: 'replace', path: 'Observation.status', before: 'final', after: 'amended' },
    { type: 'add', path: 'Observation.issued', before: undefined, after: '2026-01-01T00:00:00Z' },
    { type: 'delete', path: 'Observation.note[0]', before: { text: 'a' }, after: undefined },
    { type: 'insert', path: 'Observation.note[0]', before: undefined, after: { text: 'c' } },
  ]);
  expect(changesOf({}, BEFORE)).toEqual([]);
});
