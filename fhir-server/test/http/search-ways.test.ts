/** Searches that are answered in different ways, as the statistics suggest: what is found does not depend on the way. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { parseSearch, SEARCH_LIMITS } from '../../src/search/index.ts';
import { probedParts } from '../../src/storage/has-probe.ts';
import { idsOf, linkOf, searcher, type Searcher } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { registry } from '../search/standard-registry.ts';

const PATIENTS = 70;

let server: TestServer;
let search: Searcher;
let database: pg.Pool;

const observation = (id: string, patient: number, code: string, date = '2020-01-01') => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ code }] },
  effectiveDateTime: date,
  subject: { reference: `Patient/p${String(patient).padStart(2, '0')}` },
});

const name = (i: number): string => `p${String(i).padStart(2, '0')}`;
const even = Array.from({ length: PATIENTS / 2 }, (_, i) => name(2 * i));

beforeAll(async () => {
  server = await startTestServer();
  search = searcher(server);
  const patients = Array.from({ length: PATIENTS }, (_, i) => ({
    resourceType: 'Patient',
    id: name(i),
    name: [{ family: i === 7 ? 'Rare' : 'Common' }],
    gender: i < 10 ? 'male' : 'female',
  }));
  const frequent = Array.from({ length: 20 * PATIENTS }, (_, i) =>
    // Only patients with an even number have it, and one of them long ago.
    observation(`f${i}`, 2 * (i % (PATIENTS / 2)), 'frequent', i % (PATIENTS / 2) === 3 ? '1999-01-01' : undefined),
  ); // prettier-ignore
  const rare = [observation('r1', 7, 'rare'), observation('r2', 8, 'rare')];
  await search.store(...patients, ...frequent, ...rare);
  database = new pg.Pool({ connectionString: server.databaseUrl, max: 2 });
  await database.query('analyze');
}, 60_000);
afterAll(async () => {
  await database.end();
  await server.close();
});

/** The ids on all pages, in their order. */
async function walk(path: string): Promise<string[]> {
  const ids: string[] = [];
  for (let next: string | undefined = path; next !== undefined;) {
    const bundle = await search.bundle(next);
    ids.push(...idsOf(bundle));
    next = bundle.link?.find((l) => l.relation === 'next')?.url?.slice(server.fhirBase.length + 1);
  }
  return ids;
}

const has = (query: string) =>
  parseSearch('Patient', new URLSearchParams(query), {
    registry,
    baseUrl: server.fhirBase,
    pageSize: 1,
    pageSizeMax: 1,
    handling: 'strict',
    now: new Date(),
    limits: SEARCH_LIMITS,
  }).filter;

test.each([
  ['frequent', '_has:Observation:patient:code=frequent', 1],
  ['rare', '_has:Observation:patient:code=rare', 0],
])('A %s code behind _has is looked up in its own way.', async (_kind, query, expected) => {
  const probed = await probedParts(database, registry, 'Patient', has(query), 2);
  expect(probed.size).toBe(expected);
});

test.each([
  ['patient by patient', '_has:Observation:patient:code=frequent&_count=1', even],
  ['with another condition', '_has:Observation:patient:code=frequent&gender=male&_count=1', even.slice(0, 5)],
  ['all at once', '_has:Observation:patient:code=rare&_count=1', ['p07', 'p08']],
  ['both', '_has:Observation:patient:code=frequent&_has:Observation:patient:code=rare&_count=1', ['p08']],
])('_has finds the same %s.', async (_way, query, expected) => {
  expect(await walk(`Patient?${query}`)).toEqual(expected);
});

test('A patient is no longer found when his last resource with the code is deleted.', async () => {
  await search.store(observation('last', 1, 'frequent'));
  expect(await walk('Patient?_has:Observation:patient:code=frequent&_count=1')).toContain('p01');
  await server.fhir('DELETE', 'Observation/last');
  expect(await walk('Patient?_has:Observation:patient:code=frequent&_count=1')).toEqual(even);
});

test.each([
  ['few', 'subject:Patient.family=rare', ['r1']],
  ['few, beside a code', 'subject:Patient.family=rare&code=rare', ['r1']],
  ['many', 'subject:Patient.family=common&code=rare', ['r2']],
  ['none', 'subject:Patient.family=nobody&code=rare', []],
])('A chain through %s patients finds what it leads to.', async (_count, query, expected) => {
  expect(await walk(`Observation?${query}`)).toEqual(expected);
});

test('A frequent key with another condition finds all, and nothing else.', async () => {
  const old = await walk('Observation?code=frequent&date=lt2000&_count=7');
  expect(old).toHaveLength(40);
  expect(new Set(old).size).toBe(40);
  expect(await walk('Observation?code=frequent&date=lt1990')).toEqual([]);
});

test('Names that many share are found page by page in one order.', async () => {
  const common = await walk('Patient?family=common&_count=9');
  expect(common).toEqual(Array.from({ length: PATIENTS }, (_, i) => name(i)).filter((id) => id !== 'p07'));
});

/** As many as make the server go through names in their order; few have none, some have two, some the same. */
const PERSONS = 5_600;
const familiesOf = (i: number): string[] => {
  if (i % 37 === 0) return [];
  const family = `n${String((i * 7919) % 3_000).padStart(4, '0')}`;
  return i % 11 === 0 ? [family, `m${family}`, family] : [family];
};

test.each(['name', '-name', 'name,-_lastUpdated', '-name,-_id'])(
  'All of a type come in the order of their names, forth and back: %s',
  async (sort) => {
    const persons = Array.from({ length: PERSONS }, (_, i) => ({
      resourceType: 'Person',
      id: `p${String(i).padStart(4, '0')}`,
      name: familiesOf(i).map((family) => ({ family })),
    })).map(({ name: names, ...person }) => (names.length > 0 ? { ...person, name: names } : person));
    if ((await search.bundle('Person?_summary=count')).total === 0) {
      for (let i = 0; i < PERSONS; i += 800) await search.store(...persons.slice(i, i + 800));
      await database.query('analyze');
    }
    const descending = sort.startsWith('-');
    const key = (i: number): string | undefined =>
      familiesOf(i)
        .sort()
        .at(descending ? -1 : 0);
    const byTie = (a: number, b: number): number => {
      if (sort.endsWith('-_id')) return b - a;
      const [older, newer] = [Math.floor(a / 800), Math.floor(b / 800)];
      return sort.endsWith('-_lastUpdated') && older !== newer ? newer - older : a - b;
    };
    const order = (a: number, b: number): number => {
      const [x, y] = [key(a), key(b)];
      if (x === y) return byTie(a, b);
      if (x === undefined || y === undefined) return x === undefined ? 1 : -1;
      return x < y === descending ? 1 : -1;
    };
    const expected = persons.map((_, i) => i).sort(order).map((i) => persons[i]!.id); // prettier-ignore
    const pages = [await search.bundle(`Person?_sort=${sort}&_count=800`)];
    for (let at = linkOf(pages[0]!, 'next'); at !== undefined; at = linkOf(pages.at(-1)!, 'next'))
      pages.push(await search.bundle(at));
    expect(pages.flatMap((page) => idsOf(page))).toEqual(expected);
    const back = [pages.at(-1)!];
    for (let at = linkOf(back[0]!, 'previous'); at !== undefined; at = linkOf(back.at(-1)!, 'previous'))
      back.push(await search.bundle(at));
    expect(back.reverse().map((page) => idsOf(page))).toEqual(pages.map((page) => idsOf(page)));
  },
  60_000,
);
