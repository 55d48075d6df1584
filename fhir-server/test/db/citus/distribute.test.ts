/**
 * Which functions of Citus are called, in which order. PostgreSQL without Citus has only their names here, which write down
 * how they were called: what Citus does then is not tested.
 */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { checkMigrated, createPool, Lane, migrate, type Pool } from '../../../src/db/index.ts';
import { createRegistry } from '../../../src/reindex/index.ts';
import { createResourceTables } from '../../../src/storage/index.ts';
import { askFor, CITUS_NAMES } from '../../support/citus-names.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
let pool: Pool;

beforeEach(async () => {
  database = await createDatabase();
  open();
});
afterEach(async () => {
  await pool.end();
  await database.drop();
});

const open = (): void => {
  pool = createPool({ databaseUrl: database.url, databasePoolSize: 2, statementTimeoutMs: 10_000 });
};

/** A setting of the database holds for connections that begin after it. */
async function ask(value: string): Promise<void> {
  const name = new URL(database.url).pathname.slice(1);
  await pool.query(askFor(name, value));
  await pool.end();
  open();
}

const calls = async (): Promise<unknown[]> =>
  (
    await pool.query({
      text: 'select "table", "column", colocated from call order by number',
      rowMode: 'array',
    })
  ).rows;
const make = (...types: string[]): Promise<void> =>
  createResourceTables(pool, createRegistry()).ensure(types);

test('Without being asked, the extension changes nothing.', async () => {
  await pool.query(CITUS_NAMES);
  await make('Basic');
  await migrate(pool);
  expect(await calls()).toEqual([]);
});

test('A type is distributed as it is made, colocated with the first, and is left alone as it is widened.', async () => {
  await pool.query(CITUS_NAMES);
  await ask('id');
  await make('Basic', 'Person');
  const expected = [
    ['fhir."Basic"', 'id', 'none'],
    ['fhir."Basic_history"', 'id', 'fhir."Basic"'],
    ['fhir."Basic_string"', 'id', 'fhir."Basic"'],
    ['fhir."Person"', 'id', 'fhir."Basic"'],
    ['fhir."Person_history"', 'id', 'fhir."Basic"'],
    ['fhir."Person_string"', 'id', 'fhir."Basic"'],
  ];
  expect(await calls()).toEqual(expected);
  await pool.query(`update fhir.layout set definition = 'older';
    alter table fhir."Basic" alter column content set storage main; alter table fhir."Basic" drop column words`);
  await make('Basic');
  expect(await calls()).toEqual(expected);
  const { rows } = await pool.query<{ attname: string; attstorage: string }>(
    `select attname, attstorage from pg_attribute where attrelid = 'fhir."Basic"'::regclass and attname in ('words', 'content') order by 1`,
  );
  expect(rows).toEqual([
    { attname: 'content', attstorage: 'm' },
    { attname: 'words', attstorage: 'x' },
  ]);
});

test('Types that were there before are distributed by the migration, once.', async () => {
  await make('Person', 'Basic');
  await pool.query(CITUS_NAMES);
  await ask('id');
  await migrate(pool);
  await migrate(pool);
  // Of a group that has none yet, the table that comes first is the one that the others name.
  expect(await calls()).toHaveLength(6);
  expect((await calls())[0]).toEqual(['fhir."Basic"', 'id', 'none']);
});

test.each([
  ['id', /the extension citus is missing/],
  ['patient', /must be 'id'/],
])('To be asked for distribution by %s is refused without Citus.', async (value, message) => {
  await ask(value);
  await expect(make('Basic')).rejects.toThrow(message);
  await expect(migrate(pool)).rejects.toThrow(message);
  const { rows } = await pool.query(`select to_regclass('fhir."Basic"') is null as absent`);
  expect(rows).toEqual([{ absent: true }]);
});

test.each([
  ['', 'force_generic_plan'],
  ['id', 'auto'],
])('Distributed by "%s", short reads are planned with %s.', async (value, mode) => {
  await pool.query(CITUS_NAMES);
  if (value !== '') await ask(value);
  await checkMigrated(pool);
  const settings = { databaseUrl: database.url, databaseLaneSize: 1, statementTimeoutMs: 10_000 };
  const lane = new Lane(settings, pool);
  try {
    expect((await lane.query('show plan_cache_mode')).rows).toEqual([{ plan_cache_mode: mode }]);
  } finally {
    await lane.close();
  }
});
