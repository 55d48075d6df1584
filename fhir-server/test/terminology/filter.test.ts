/** Filters and hierarchies of code systems: https://hl7.org/fhir/R4/valueset-filter-operator.html */
import { describe, expect, test } from '@jest/globals';
import type { CodeSystem } from '@medplum/fhirtypes';
import { codesAbove, codesBelow } from '../../src/terminology/index.ts';
import {
  ANIMALS,
  animals,
  codesOf,
  codeSystem,
  expectRefused,
  filtered,
  limits,
  OPEN,
  source,
} from './stored.ts';

const filters: [op: string, property: string, value: string, found: string[]][] = [
  ['is-a', 'concept', 'mammal', ['cat', 'dog', 'mammal', 'mule', 'poodle']],
  ['is-a', 'code', 'dog', ['dog', 'poodle']],
  ['is-a', 'concept', 'unicorn', []],
  ['descendent-of', 'concept', 'mammal', ['cat', 'dog', 'mule', 'poodle']],
  ['descendant-of', 'concept', 'bird', ['dodo', 'penguin']],
  ['is-not-a', 'concept', 'mammal', ['animal', 'bird', 'dodo', 'penguin']],
  ['generalizes', 'concept', 'poodle', ['animal', 'dog', 'mammal', 'poodle']],
  ['=', 'flies', 'false', ['mule', 'penguin']],
  ['=', 'code', 'dog', ['dog']],
  ['=', 'display', 'Dog', ['dog']],
  ['=', 'parent', 'mammal', ['cat', 'dog', 'mule']],
  ['=', 'child', 'poodle', ['dog']],
  ['in', 'concept', 'dog, cat,unicorn', ['cat', 'dog']],
  ['in', 'status', 'retired,deprecated', ['dodo']],
  ['not-in', 'concept', 'animal,mammal,dog,poodle,cat,bird', ['dodo', 'mule', 'penguin']],
  ['regex', 'code', '(d|m).*', ['dodo', 'dog', 'mammal', 'mule']],
  ['regex', 'display', 'D[a-o]g', ['dog']],
  ['exists', 'flies', 'true', ['mule', 'penguin']],
  ['exists', 'child', 'false', ['cat', 'dodo', 'mule', 'penguin', 'poodle']],
];

describe('A filter', () => {
  test.each(filters)('%s on %s with %s finds its codes.', async (op, property, value, found) => {
    expect(await codesOf({ include: [filtered(property, op as 'is-a', value)] })).toEqual(found);
  });

  test('and another in the same include have to pass both.', async () => {
    const filter = [
      { property: 'concept', op: 'is-a' as const, value: 'mammal' },
      { property: 'flies', op: '=' as const, value: 'false' },
    ];
    expect(await codesOf({ include: [{ system: ANIMALS, filter }] })).toEqual(['mule']);
  });

  test.each([
    ['regex', 'code', '(?=a)b', 'invalid'],
    ['sounds-like', 'code', 'dog', 'not-supported'],
    ['is-a', 'flies', 'mammal', 'not-supported'],
    ['exists', 'flies', 'perhaps', 'invalid'],
  ])('%s on %s with %s is refused.', async (op, property, value, code) => {
    const text = op === 'regex' ? 'regular expression' : op;
    await expectRefused(codesOf({ include: [filtered(property, op as 'is-a', value)] }), code, text);
  });

  test('is refused on a system whose content is not known.', async () => {
    const include = [{ ...filtered('concept', 'is-a', 'x'), system: OPEN }];
    await expectRefused(codesOf({ include }), 'not-found', OPEN);
    const empty: CodeSystem = {
      resourceType: 'CodeSystem',
      status: 'active',
      content: 'not-present',
      url: OPEN,
    };
    await expectRefused(codesOf({ include }, empty), 'not-found', OPEN);
  });
});

describe('The hierarchy of a code system', () => {
  test('gives a code and those above and below it.', async () => {
    const from = source(animals);
    expect(((await codesAbove(from, ANIMALS, 'mule')) as string[]).sort()).toEqual([
      'animal',
      'mammal',
      'mule',
    ]);
    expect(((await codesBelow(from, ANIMALS, 'mammal')) as string[]).sort()).toEqual([
      'cat',
      'dog',
      'mammal',
      'mule',
      'poodle',
    ]);
    expect(await codesBelow(from, ANIMALS, 'cat')).toEqual(['cat']);
    expect(await codesBelow(from, ANIMALS, 'unicorn')).toEqual(['unicorn']);
  });

  test('is told by child, by subsumedBy, and by properties that are declared to mean it.', async () => {
    const told = codeSystem(
      OPEN,
      [
        { code: 'top', property: [{ code: 'child', valueCode: 'a' }] },
        { code: 'a' },
        { code: 'b', property: [{ code: 'subsumedBy', valueCode: 'a' }] },
        { code: 'c', property: [{ code: 'up', valueCode: 'b' }] },
      ],
      { property: [{ code: 'up', type: 'code', uri: 'http://hl7.org/fhir/concept-properties#parent' }] },
    );
    expect(await codesAbove(source(told), OPEN, 'c')).toEqual(['c', 'b', 'a', 'top']);
    expect(await codesBelow(source(told), OPEN, 'top')).toEqual(['top', 'a', 'b', 'c']);
  });

  test('is none where nesting means part-of.', async () => {
    const parts = codeSystem(OPEN, [{ code: 'car', concept: [{ code: 'wheel' }] }], {
      hierarchyMeaning: 'part-of',
    });
    expect(await codesBelow(source(parts), OPEN, 'car')).toEqual(['car']);
  });

  test('ends where it closes to a loop, and may be very deep.', async () => {
    const loop = codeSystem(OPEN, [
      { code: 'a', property: [{ code: 'parent', valueCode: 'b' }] },
      { code: 'b', property: [{ code: 'parent', valueCode: 'a' }] },
    ]);
    expect(await codesAbove(source(loop), OPEN, 'a')).toEqual(['a', 'b']);
    let deep = { code: 'end' } as NonNullable<CodeSystem['concept']>[number];
    for (let i = 0; i < 20_000; i++) deep = { code: `c${i}`, concept: [deep] };
    expect(await codesAbove(source(codeSystem(OPEN, [deep])), OPEN, 'c19990')).toHaveLength(10);
  });

  test('is refused when it is not known, or too large.', async () => {
    await expectRefused(codesBelow(source(), OPEN, 'x'), 'not-found', OPEN);
    await expectRefused(
      codesBelow(source(animals), ANIMALS, 'animal', limits({ codes: 3 })),
      'too-costly',
      'narrow',
    );
  });
});
