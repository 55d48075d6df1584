/** What a value set contains: includes, excludes, references, expansions, limits (https://hl7.org/fhir/R4/valueset.html#compositions). */
import { describe, expect, test } from '@jest/globals';
import type { CodeSystem, ValueSet } from '@medplum/fhirtypes';
import { expandForSearch } from '../../src/terminology/index.ts';
import {
  ANIMALS,
  animals,
  codesOf,
  codeSystem,
  expectRefused,
  filtered,
  limits,
  listed,
  OPEN,
  source,
  valueSet,
} from './stored.ts';

const PETS = 'http://example.org/pets';
const pets = valueSet(PETS, { include: [listed(ANIMALS, 'dog', 'cat', 'penguin')] });

const expand = (compose: ValueSet['compose'] & object, ...others: (ValueSet | CodeSystem)[]) =>
  expandForSearch(source(valueSet('http://example.org/a', compose), ...others), 'http://example.org/a');

describe('The definition of a value set', () => {
  test('lists codes whose system need not be known.', async () => {
    expect(await expand({ include: [listed(OPEN, 'x', 'y', 'x')] })).toEqual({
      codes: [
        { system: OPEN, code: 'x' },
        { system: OPEN, code: 'y' },
      ],
      systems: [],
    });
  });

  test('adds up its includes.', async () => {
    expect(await codesOf({ include: [listed(ANIMALS, 'dog'), listed(ANIMALS, 'cat', 'dog')] })).toEqual([
      'cat',
      'dog',
    ]);
  });

  test('takes all codes of a system that is complete, however deep.', async () => {
    expect(await codesOf({ include: [{ system: ANIMALS }] })).toHaveLength(9);
  });

  test.each(['fragment', 'example', 'not-present'] as const)(
    'takes a system as a whole when its content is %s.',
    async (content) => {
      const open = codeSystem(OPEN, [{ code: 'x' }], { content });
      expect(await expand({ include: [{ system: OPEN }] }, open)).toEqual({ codes: [], systems: [OPEN] });
    },
  );

  test('needs no listed codes of a system that it has as a whole.', async () => {
    expect(await expand({ include: [listed(OPEN, 'x'), { system: OPEN }] })).toEqual({
      codes: [],
      systems: [OPEN],
    });
  });

  test('takes out what it excludes: codes, what a filter finds, other value sets.', async () => {
    const include = [filtered('concept', 'is-a', 'mammal')];
    expect(await codesOf({ include, exclude: [listed(ANIMALS, 'dog', 'mammal')] })).toEqual([
      'cat',
      'mule',
      'poodle',
    ]);
    expect(await codesOf({ include, exclude: [filtered('concept', 'is-a', 'dog')] })).toEqual([
      'cat',
      'mammal',
      'mule',
    ]);
    expect(await codesOf({ include, exclude: [{ valueSet: [PETS] }] }, pets)).toEqual([
      'mammal',
      'mule',
      'poodle',
    ]);
  });

  test('can exclude an unknown system as a whole, but no single code of it.', async () => {
    const include = [{ system: OPEN }, listed(ANIMALS, 'dog')];
    expect(await expand({ include, exclude: [{ system: OPEN }] })).toEqual({
      codes: [{ system: ANIMALS, code: 'dog' }],
      systems: [],
    });
    await expectRefused(expand({ include, exclude: [listed(OPEN, 'x')] }), 'not-supported', OPEN);
  });

  test('leaves inactive codes out if it says so.', async () => {
    const include = [filtered('concept', 'is-a', 'bird')];
    expect(await codesOf({ include })).toEqual(['bird', 'dodo', 'penguin']);
    expect(await codesOf({ include, inactive: false })).toEqual(['bird', 'penguin']);
    expect(await codesOf({ include: [listed(ANIMALS, 'dodo', 'dog')], inactive: false })).toEqual(['dog']);
  });

  test('is refused when an include names nothing, or there is none.', async () => {
    await expectRefused(expand({ include: [{}] }), 'invalid', 'http://example.org/a');
    const bare: ValueSet = { resourceType: 'ValueSet', status: 'active', url: 'http://example.org/bare' };
    await expectRefused(expandForSearch(source(bare), bare.url!), 'not-supported', 'http://example.org/bare');
  });
});

describe('References to other value sets', () => {
  const birds = valueSet('http://example.org/birds', { include: [filtered('concept', 'is-a', 'bird')] });

  test('bring in what these contain.', async () => {
    expect(await codesOf({ include: [{ valueSet: [PETS] }] }, pets)).toEqual(['cat', 'dog', 'penguin']);
  });

  test('of one include are intersected with each other and with its system.', async () => {
    expect(await codesOf({ include: [{ valueSet: [PETS, birds.url!] }] }, pets, birds)).toEqual(['penguin']);
    const include = [{ ...filtered('concept', 'is-a', 'mammal'), valueSet: [PETS] }];
    expect(await codesOf({ include }, pets)).toEqual(['cat', 'dog']);
    expect(await codesOf({ include: [{ system: ANIMALS, valueSet: [PETS] }] }, pets)).toHaveLength(3);
  });

  test('are intersected with whole unknown systems too.', async () => {
    const mixed = valueSet('http://example.org/mixed', {
      include: [listed(OPEN, 'x'), listed(ANIMALS, 'dog')],
    });
    const include = [{ system: OPEN, valueSet: [mixed.url!] }];
    expect(await expand({ include }, mixed)).toEqual({ codes: [{ system: OPEN, code: 'x' }], systems: [] });
  });

  test('may meet again, but not go in a loop.', async () => {
    const a = valueSet('http://example.org/a', {
      include: [{ valueSet: [PETS] }, { valueSet: ['http://example.org/b'] }],
    });
    const b = valueSet('http://example.org/b', { include: [{ valueSet: [PETS] }] });
    expect((await expandForSearch(source(a, b, pets), a.url!)).codes).toHaveLength(3);
    const back = valueSet('http://example.org/b', { exclude: [{ valueSet: ['http://example.org/a'] }] });
    await expectRefused(expandForSearch(source(a, back, pets), a.url!), 'invalid', 'loop');
    const self = valueSet('http://example.org/s', { include: [{ valueSet: ['http://example.org/s'] }] });
    await expectRefused(expandForSearch(source(self), self.url!), 'invalid', 'loop');
  });

  test('are refused with their name when unknown.', async () => {
    await expectRefused(
      expand({ include: [{ valueSet: ['http://example.org/no'] }] }),
      'not-found',
      'example.org/no',
    );
  });
});

describe('An expansion', () => {
  const expansion = {
    timestamp: '2026-01-01',
    contains: [
      { system: OPEN, code: 'group', abstract: true, contains: [{ system: OPEN, code: 'x' }] },
      {
        display: 'heading',
        contains: [{ system: OPEN, code: 'y', contains: [{ system: ANIMALS, code: 'dog' }] }],
      },
    ],
  };
  const stored = (more: Partial<ValueSet>): ValueSet => ({
    resourceType: 'ValueSet',
    status: 'active',
    url: 'http://example.org/e',
    ...more,
  });
  const codes = async (more: Partial<ValueSet>): Promise<string[]> => {
    const found = await expandForSearch(source(stored(more), animals), 'http://example.org/e');
    return found.codes.map(({ code }) => code).sort();
  };

  test('counts where there is no definition, at every depth, without its abstract entries.', async () => {
    expect(await codes({ expansion })).toEqual(['dog', 'x', 'y']);
  });

  test('gives way to the definition, unless that needs what is not known here.', async () => {
    expect(await codes({ expansion, compose: { include: [listed(ANIMALS, 'cat')] } })).toEqual(['cat']);
    const filter = [{ property: 'concept', op: 'is-a' as const, value: 'group' }];
    expect(await codes({ expansion, compose: { include: [{ system: OPEN, filter }] } })).toEqual([
      'dog',
      'x',
      'y',
    ]);
  });

  test('is refused when it says that it is only a part.', async () => {
    await expectRefused(codes({ expansion: { ...expansion, total: 5 } }), 'not-supported', '4 of 5');
  });
});

describe('What is asked for', () => {
  test('may be named by version or by id.', async () => {
    const one = { ...valueSet(PETS, { include: [listed(OPEN, 'one')] }), version: '1', id: 'p1' };
    const two = { ...valueSet(PETS, { include: [listed(OPEN, 'two')] }), version: '2', id: 'p2' };
    const first = async (canonical: string) =>
      (await expandForSearch(source(one, two), canonical)).codes[0]?.code;
    expect(await Promise.all([`${PETS}|1`, `${PETS}|2`, 'ValueSet/p2'].map(first))).toEqual([
      'one',
      'two',
      'two',
    ]);
    await expectRefused(first(`${PETS}|3`), 'not-found', `${PETS}|3`);
    await expectRefused(first('ValueSet/p3'), 'not-found', 'ValueSet/p3');
  });

  test('is refused when it comes to too many codes, with the advice to narrow it.', async () => {
    const six = { include: [listed(OPEN, '1', '2', '3', '4', '5', '6')] };
    const asked = (codes: number) => expandForSearch(source(valueSet(PETS, six)), PETS, limits({ codes }));
    expect((await asked(6)).codes).toHaveLength(6);
    await expectRefused(asked(5), 'too-costly', 'narrow');
  });

  test('is refused when it takes too many resources or too much work.', async () => {
    const chain = Array.from({ length: 12 }, (_, i) =>
      valueSet(`http://example.org/${i}`, { include: [{ valueSet: [`http://example.org/${i + 1}`] }] }),
    );
    await expectRefused(
      expandForSearch(source(...chain), 'http://example.org/0', limits({})),
      'too-costly',
      'narrow',
    );
    const include = Array.from({ length: 30 }, () => filtered('flies', '=', 'false'));
    const costly = expandForSearch(
      source(valueSet(PETS, { include }), animals),
      PETS,
      limits({ steps: 100 }),
    );
    await expectRefused(costly, 'too-costly', 'narrow');
  });
});
