/** Code systems in tables answer what the same in memory answers. https://hl7.org/fhir/R4/codesystem.html */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CodeSystem, CodeSystemConcept, ValueSetComposeIncludeFilter } from '@medplum/fhirtypes';
import { createPool, type Pool } from '../../src/db/index.ts';
import type { ConceptSet } from '../../src/terminology/concept-set.ts';
import {
  activeConcepts,
  allConcepts,
  differenceOf,
  filteredConcepts,
  intersectionOf,
  listedConcepts,
  selectableConcepts,
  unionOf,
} from '../../src/terminology/concept-set.ts';
import { type CodeSystemContent, ConceptWriter, findTable } from '../../src/terminology/index.ts';
import { resourceContent } from '../../src/terminology/resource-content.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

const URL = 'http://example.org/animals';
const german = (value: string) => [{ language: 'de', value }];
const animals: CodeSystem = {
  resourceType: 'CodeSystem',
  status: 'active',
  content: 'complete',
  url: URL,
  version: '2',
  name: 'Animals',
  concept: [
    {
      code: 'animal',
      property: [{ code: 'notSelectable', valueBoolean: true }],
      concept: [
        {
          code: 'mammal',
          display: 'Mammal',
          concept: [
            { code: 'dog', display: 'Domestic dog', definition: 'It barks.', designation: german('Haushund'), concept: [{ code: 'poodle', display: 'Poodle' }] }, // prettier-ignore
            { code: 'cat', display: 'Café cat', property: [{ code: 'relative', valueCode: 'dog' }] },
          ],
        },
        {
          code: 'bird',
          display: "Bird's eye",
          concept: [
            { code: 'penguin', property: [{ code: 'flies', valueBoolean: false }] },
            { code: 'dodo', display: 'Dodo', property: [{ code: 'inactive', valueBoolean: true }] },
          ],
        },
      ],
    },
    { code: 'mule', display: 'Mule', property: [{ code: 'flies', valueBoolean: false }, { code: 'parent', valueCode: 'mammal' }] }, // prettier-ignore
    { code: '__proto__' },
  ],
};

let database: TestDatabase;
let pool: Pool;
let table: CodeSystemContent;
const memory = resourceContent(animals);

/** As a loader does it. */
async function load(system: CodeSystem): Promise<number> {
  const writer = await ConceptWriter.begin(pool, { ...system, url: system.url ?? '' });
  const walk = async (concepts: readonly CodeSystemConcept[], parent?: string): Promise<void> => {
    for (const { code, display, definition, property = [], designation = [], concept = [] } of concepts) {
      const is = (name: string) => property.some((p) => p.code === name && p.valueBoolean === true);
      const [inactive, abstract] = [is('inactive'), is('notSelectable')];
      const named = { ...(display && { display }), ...(definition && { definition }) };
      await writer.write({ concepts: [{ code, inactive, abstract, ...named }] });
      await writer.write({ designations: designation.map((d) => ({ code, ...d })) });
      const others = property.filter((p) => p.code !== 'parent');
      await writer.write({ properties: others.map((p) => ({ code, property: p })) });
      const parents = [parent, ...property.map((p) => (p.code === 'parent' ? p.valueCode : undefined))];
      await writer.write({ parents: parents.flatMap((p) => (p === undefined ? [] : [{ code, parent: p }])) });
      await walk(concept, code);
    }
  };
  await walk(system.concept ?? []);
  return writer.finish();
}

beforeAll(async () => {
  database = await createDatabase();
  pool = createPool({ databaseUrl: database.url, databasePoolSize: 4, statementTimeoutMs: 10_000 });
  expect(await load(animals)).toBe(10);
  table = (await findTable(pool, URL))!;
}, 30_000);
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const filter = (op: string, property: string, value: string): ConceptSet =>
  filteredConcepts({ op: op as ValueSetComposeIncludeFilter['op'], property, value }, 0);
const [mammals, dogs, birds] = ['mammal', 'dog', 'bird'].map((code) => filter('is-a', 'concept', code)) as [ConceptSet, ConceptSet, ConceptSet]; // prettier-ignore

const sets: [name: string, set: ConceptSet][] = [
  ['all', allConcepts(0)],
  ['listed codes', listedConcepts(['dog', 'unicorn', '__proto__'])],
  ['no codes', listedConcepts([])],
  ['active', activeConcepts(0)],
  ['selectable', selectableConcepts(0)],
  ['and', intersectionOf([mammals, filter('=', 'flies', 'false')])],
  ['or', unionOf([dogs, birds])],
  ['minus', differenceOf(mammals, dogs)],
  ['a mixture', differenceOf(unionOf([mammals, birds]), intersectionOf([filter('exists', 'flies', 'true'), activeConcepts(0)]))], // prettier-ignore
  ...(
    [
      ['is-a', 'concept', 'mammal'],
      ['is-a', 'code', 'dog'],
      ['is-a', 'concept', 'unicorn'],
      ['descendent-of', 'concept', 'mammal'],
      ['is-not-a', 'concept', 'mammal'],
      ['is-not-a', 'concept', 'unicorn'],
      ['generalizes', 'concept', 'poodle'],
      ['generalizes', 'concept', 'unicorn'],
      ['=', 'flies', 'false'],
      ['=', 'flies', 'true'],
      ['=', 'code', 'dog'],
      ['=', 'display', 'Poodle'],
      ['=', 'definition', 'It barks.'],
      ['=', 'parent', 'mammal'],
      ['=', 'child', 'poodle'],
      ['=', 'relative', 'dog'],
      ['=', "x' or '1'='1", 'dog'],
      ['in', 'concept', 'dog, cat,unicorn'],
      ['in', 'relative', 'dog,cat'],
      ['not-in', 'concept', 'dog,cat'],
      ['not-in', 'flies', 'false'],
      ['exists', 'flies', 'true'],
      ['exists', 'flies', 'false'],
      ['exists', 'child', 'false'],
      ['exists', 'parent', 'true'],
      ['exists', 'display', 'false'],
      ['exists', 'code', 'true'],
      ['regex', 'code', '(d|m).*'],
      ['regex', 'display', '^[A-Z]\\w+ (dog|cat)$'],
      ['regex', 'relative', 'd.g'],
      ['regex', 'parent', '.*mal'],
      ['regex', 'child', 'p.*'],
      ['regex', 'code', "'; drop table x; --"],
    ] as const
  ).map(([op, property, value]): [string, ConceptSet] => [`${op} ${property} ${value}`, filter(op, property, value)]), // prettier-ignore
];

describe.each(sets)('The set %s', (_name, set) => {
  const codes = async (content: CodeSystemContent, text?: string) => {
    const { total, concepts } = await content.select(set, { text, offset: 0, count: 100 });
    expect(total).toBe(concepts.length);
    return concepts.map(({ code }) => code).sort();
  };

  test('has the same concepts.', async () => {
    expect(await codes(table)).toEqual(await codes(memory));
    expect(await codes(table, 'do')).toEqual(await codes(memory, 'do'));
  });

  test('has the same members.', async () => {
    const asked = ['dog', 'cat', 'dodo', 'unicorn', 'penguin', 'animal', 'mule', '__proto__'];
    const members = async (content: CodeSystemContent) => [...(await content.members(set, asked))].sort();
    const known = (await members(memory)).filter((code) => code !== 'unicorn');
    expect(await members(table)).toEqual(known);
  });
});

test.each([
  'cafe',
  'CAFÉ',
  'haus',
  'bird s',
  "bird's",
  'dom dog',
  'dog x',
  '!!',
  "a' | b",
  'p',
  ':*',
  'dog dog',
])('The text %s finds the same.', async (text) => {
  const found = async (content: CodeSystemContent) =>
      (await content.select(allConcepts(0), { text, offset: 0, count: 100 })).concepts.map((c) => c.code).sort(); // prettier-ignore
  expect(await found(table)).toEqual(await found(memory));
});

test('Concepts, their neighbours and what is above and below them are the same.', async () => {
  const codes = ['dog', 'cat', 'mule', 'animal', 'dodo', 'unicorn'];
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  const all = async (content: CodeSystemContent) => [
    [...(await content.find(codes))].sort(([a], [b]) => (a < b ? -1 : 1)),
    await Promise.all(codes.map((code) => content.neighbours(code))),
    await Promise.all(codes.map(async (code) => [...(await content.reach(code, 'above', 50))].sort())),
    await Promise.all(codes.map(async (code) => [...(await content.reach(code, 'below', 50))].sort())),
    await Promise.all(codes.flatMap((a) => codes.slice(0, 5).map((b) => content.subsumption(a, b)))),
  ];
  expect(plain(await all(table))).toEqual(plain(await all(memory)));
  expect(await table.reach('animal', 'below', 3)).toHaveLength(4);
});

test('Pages follow each other, in the order of the code system or, with a text, the shortest first.', async () => {
  const page = async (offset: number, text?: string) =>
    (await table.select(allConcepts(0), { text, offset, count: 4 })).concepts.map(({ code }) => code);
  expect([...(await page(0)), ...(await page(4)), ...(await page(8))]).toEqual(
    (await memory.select(allConcepts(0), { offset: 0, count: 100 })).concepts.map(({ code }) => code),
  );
  expect(await page(0, 'd')).toEqual(['dodo', 'dog']);
  expect(await table.select(dogs, { offset: 50, count: 4 })).toEqual({ total: 2, concepts: [] });
  expect(await table.select(dogs, { offset: 0, count: 0 })).toEqual({ total: 2, concepts: [] });
});

describe('A load', () => {
  const other = (version: string, ...codes: string[]): CodeSystem => ({ ...animals, url: 'http://example.org/other', version, concept: codes.map((code) => ({ code })) }); // prettier-ignore
  const codesOf = async (canonical: string) => {
    const found = await findTable(pool, canonical);
    const page = await found?.select(allConcepts(0), { offset: 0, count: 100 });
    return page?.concepts.map(({ code }) => code);
  };
  const tables = async () =>
    (await pool.query<{ name: string }>(`select relname as name from pg_class where relnamespace = 'terminology'::regnamespace and relkind = 'r'`)).rows.map(({ name }) => name).sort(); // prettier-ignore

  test('is seen when it is finished, beside other versions, and takes the place of its own.', async () => {
    await load(other('9', 'a'));
    const before = await tables();
    const writer = await ConceptWriter.begin(pool, { ...other('10'), url: 'http://example.org/other' });
    await writer.write({ concepts: [{ code: 'b' }, { code: 'c' }, { code: 'b' }] });
    expect(await codesOf('http://example.org/other')).toEqual(['a']);
    expect(await writer.finish()).toBe(2);
    expect(await codesOf('http://example.org/other')).toEqual(['b', 'c']);
    expect(await codesOf('http://example.org/other|9')).toEqual(['a']);
    await load(other('9', 'd'));
    expect(await codesOf('http://example.org/other|9')).toEqual(['d']);
    expect(await tables()).toHaveLength(before.length + 2);
  });

  test('that is given up leaves nothing, one that died is cleared by the next, and two at once are refused.', async () => {
    const before = await tables();
    const system = { ...other('11'), url: 'http://example.org/other' };
    const first = await ConceptWriter.begin(pool, system);
    await first.write({ concepts: [{ code: 'x' }] });
    await expect(ConceptWriter.begin(pool, system)).rejects.toMatchObject({ status: 409 });
    await first.abort();
    expect(await tables()).toEqual(before);
    const died = await ConceptWriter.begin(pool, system);
    await died.write({ concepts: [{ code: 'y' }] });
    // Its process is gone, and with it the connection that held the lock.
    await pool.query(`select pg_terminate_backend(pid, 10000) from pg_locks where locktype = 'advisory' and pid <> pg_backend_pid()`); // prettier-ignore
    await load(other('11', 'z'));
    expect(await codesOf('http://example.org/other|11')).toEqual(['z']);
    expect(await tables()).toHaveLength(before.length + 2);
    await died.abort();
  });

  test('begins at once after another of its code system has ended, however it ended.', async () => {
    const system = { ...other('12'), url: 'http://example.org/other' };
    for (let round = 0; round < 20; round++) {
      const writer = await ConceptWriter.begin(pool, system);
      if (round % 2 === 0) await writer.abort();
      else await writer.leave();
    }
    await load(other('12', 'a'));
    await load(other('12', 'b'));
    expect(await codesOf('http://example.org/other|12')).toEqual(['b']);
  });

  test('of a hierarchy in a loop ends.', async () => {
    const parent = (code: string) => [{ code: 'parent', valueCode: code }];
    const url = 'http://example.org/loop';
    await load({ ...animals, url, concept: [{ code: 'a', property: parent('b') }, { code: 'b', property: parent('a') }] }); // prettier-ignore
    const loop = await findTable(pool, url);
    expect([...(await loop!.reach('a', 'below', 10))].sort()).toEqual(['a', 'b']);
  });
});
