/**
 * Each kind of search reads the few rows that it must, in a database of more than 100,000 resources: by an index, never the
 * whole of a table. What PostgreSQL did is heard from itself while the server is asked over HTTP.
 *
 * `WRITE_PLANS=1 npm test -- fhir-server/test/http/index-usage.test.ts` writes docs/plans.md.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { startTestServer, type TestServer } from '../support/server.ts';
import { ask, type Asked } from './index-usage/ask.ts';
import { fill } from './index-usage/fill.ts';
import { MARKED_MAX, SEARCH_CLASSES, type SearchClass } from './index-usage/search-classes.ts';
import { type PlanWatch, watchPlans } from './index-usage/watch-plans.ts';
import { writePlans } from './index-usage/write-plans.ts';

const RESOURCES_MIN = 100_000;

let server: TestServer;
let database: pg.Client;
let watch: PlanWatch;
let resources: number;
const all: Asked[] = [];

beforeAll(async () => {
  server = await startTestServer();
  resources = await fill(server);
  watch = await watchPlans(server.databaseUrl);
  database = new pg.Client({ connectionString: server.databaseUrl });
  await database.connect();
}, 180_000);
afterAll(async () => {
  const isWhole = all.length === SEARCH_CLASSES.length;
  if (process.env['WRITE_PLANS'] === '1' && isWhole) await writePlans(all, resources);
  await watch.stop();
  await database.end();
  await server.close();
});

/** Tables so small that to read them is what an index would cost. */
async function largeTables(): Promise<Set<string>> {
  const { rows } = await database.query<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace = 'fhir'::regnamespace and relkind = 'r' and reltuples > 200`,
  );
  return new Set(rows.map((row) => row.name));
}

/** What is wrong with the way in which a search was answered; nothing, if all is well. */
async function faultsOf({
  search,
  rowsRead,
  entriesMarked,
  entries,
  statements,
  sequential,
}: Asked): Promise<string[]> {
  const large = await largeTables();
  const whole = search.mustRead === undefined ? sequential.filter((table) => large.has(table)) : [];
  const markedMax = search.marks?.max ?? MARKED_MAX;
  return [
    ...(statements === 0 ? ['no statement was heard'] : []),
    ...(rowsRead <= search.rowsMax
      ? []
      : [`${rowsRead} rows were read, at most ${search.rowsMax} should be`]),
    ...(entriesMarked <= markedMax
      ? []
      : [`${entriesMarked} entries were marked, at most ${markedMax} should be`]),
    ...(entries >= search.entriesMin
      ? []
      : [`${entries} entries were found, at least ${search.entriesMin} should be`]),
    ...whole.map((table) => `${table} was read from end to end`),
  ];
}

test('There is enough to tell an index from none.', () => {
  expect(resources).toBeGreaterThanOrEqual(RESOURCES_MIN);
});

test.each(SEARCH_CLASSES)('$name: $path', async (search) => {
  const asked = await ask(server, watch, search);
  all.push(asked);
  const faults = await faultsOf(asked);
  expect(faults.length === 0 ? [] : [...faults, ...asked.lines]).toEqual([]);
});

const named = (name: string): SearchClass => SEARCH_CLASSES.find((search) => search.name === name)!;

test.each([
  ['Observation keys', 'token, rare code of many'],
  ['Observation date lo order', 'date, eq'],
  ['Observation patient', 'patient by -date'],
  ['Location near latitude lo', 'near'],
])('Without the index "%s" it shows.', async (index, name) => {
  await database.query('begin');
  const { rows } = await database.query<{ sql: string }>(
    `select pg_get_indexdef('fhir."${index}"'::regclass) as sql`,
  );
  await database.query(`drop index fhir."${index}"`);
  await database.query('commit');
  try {
    const faults = await faultsOf(await ask(server, watch, named(name)));
    expect(faults).toContainEqual(
      expect.stringMatching(/rows were read|entries were marked|was read from end to end/),
    );
  } finally {
    await database.query(rows[0]!.sql);
  }
});
