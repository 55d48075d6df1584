/** The support itself: a test file gets a real, separate PostgreSQL database. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { createDatabase, type TestDatabase } from './database.ts';

let one: TestDatabase;
let two: TestDatabase;

beforeAll(async () => {
  one = await createDatabase();
  two = await createDatabase();
});

afterAll(async () => {
  await one.drop();
  await two.drop();
});

async function query(database: TestDatabase, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

test('Two test databases do not see each other’s tables.', async () => {
  await query(one, 'create table here (id int)');
  const sql = "select to_regclass('here') is not null as there";
  expect(await query(one, sql)).toEqual([{ there: true }]);
  expect(await query(two, sql)).toEqual([{ there: false }]);
});

test('Letters beyond ASCII are folded to lower case and sorted by code point.', async () => {
  const rows = await query(one, "select lower('ÄÖÜ Ł') as folded, 'Z' < 'a' as by_code_point");
  expect(rows).toEqual([{ folded: 'äöü ł', by_code_point: true }]);
});
