/** Value sets and code systems that are made to take long: https://hl7.org/fhir/R4/security.html */
import { expect, test } from '@jest/globals';
import type { CodeSystemConcept, ValueSet } from '@medplum/fhirtypes';
import { codesBelow, Composer, expandForSearch, Reader } from '../../src/terminology/index.ts';
import { ANIMALS, animals, codeSystem, expectRefused, listed, OPEN, source, valueSet } from './stored.ts';

const LIMITS = { codes: 1_000, resources: 200, steps: 100_000 };
const at = (i: number) => `http://example.org/${i}`;

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};

test('A value set that doubles at every step is refused before it is worked out.', async () => {
  // Each is the one below it, twice, in two ways.
  const chain: ValueSet[] = Array.from({ length: 100 }, (_, i) =>
    valueSet(at(i), {
      include: [
        {
          valueSet: [at(i + 1)],
          system: ANIMALS,
          filter: [{ property: 'code', op: 'regex', value: `.*${i}?` }],
        },
        {
          valueSet: [at(i + 1)],
          system: ANIMALS,
          filter: [{ property: 'code', op: 'regex', value: `.*${i}*` }],
        },
      ],
    }),
  );
  const all = source(...chain, valueSet(at(100), { include: [{ system: ANIMALS }] }), animals);
  const took = await timed(() =>
    expectRefused(expandForSearch(all, at(0), LIMITS), 'too-costly', 'too many value sets or filters'),
  );
  expect(took).toBeLessThan(2_000);
});

test('Value sets without end are refused.', async () => {
  const endless = {
    ...source(),
    valueSet: (canonical: string) =>
      Promise.resolve(valueSet(canonical, { include: [{ valueSet: [`${canonical}/x`] }] })),
  };
  await expectRefused(expandForSearch(endless, at(0), LIMITS), 'too-costly', at(0));
});

test('A code system that nests without end is worked out.', async () => {
  let concept: CodeSystemConcept = { code: 'c20000' };
  for (let i = 19_999; i >= 0; i--) concept = { code: `c${i}`, concept: [concept] };
  const deep = codeSystem(OPEN, [concept]);
  expect(await codesBelow(source(deep), OPEN, 'c19990', LIMITS)).toHaveLength(11);
  await expectRefused(codesBelow(source(deep), OPEN, 'c0', LIMITS), 'too-costly', 'c0');
});

test('A hierarchy that goes in a loop ends where it closes.', async () => {
  const parent = (code: string) => [{ code: 'parent', valueCode: code }];
  const loop = codeSystem(OPEN, [
    { code: 'a', property: parent('b') },
    { code: 'b', property: parent('c') },
    { code: 'c', property: parent('a') },
  ]);
  expect(((await codesBelow(source(loop), OPEN, 'a')) as string[]).sort()).toEqual(['a', 'b', 'c']);
});

test('Many includes of a large system are refused by their sum.', async () => {
  const large = codeSystem(OPEN, Array.from({ length: 2_000 }, (_, i) => ({ code: `c${i}` }))); // prettier-ignore
  const filter = (i: number) => [{ property: 'code', op: 'regex' as const, value: `c.*${i}` }];
  const include = Array.from({ length: 500 }, (_, i) => ({ system: OPEN, filter: filter(i) }));
  const asked = valueSet(at(0), { include });
  await expectRefused(expandForSearch(source(asked, large), at(0), LIMITS), 'too-costly', at(0));
});

test('Names of objects are codes like any other.', async () => {
  const odd = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', ''];
  const asked = valueSet(at(0), { include: [listed(OPEN, ...odd)] });
  const { codes } = await expandForSearch(source(asked), at(0));
  expect(codes.map(({ code }) => code)).toEqual(odd);
  const reader = new Reader(source(asked), at(0), LIMITS);
  const [part] = await new Composer(reader, { isComplete: true }).valueSet(at(0));
  expect(part?.set.kind === 'codes' && part.set.codes.has('valueOf')).toBe(false);
});

test('A regular expression counts for what it costs.', async () => {
  const large = codeSystem(OPEN, Array.from({ length: 2_000 }, (_, i) => ({ code: `c${i}` }))); // prettier-ignore
  const asked = (value: string) =>
    valueSet(at(0), { include: [{ system: OPEN, filter: [{ property: 'code', op: 'regex', value }] }] });
  const found = (value: string) => expandForSearch(source(asked(value), large), at(0), LIMITS);
  expect((await found('c1?[0-9]')).codes).toHaveLength(20);
  await expectRefused(found('(c?){400}1{400}'), 'too-costly', at(0));
});
