/** Labels that no resource has any more are removed; none is missing for a stored resource, whoever writes meanwhile. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Basic } from '@medplum/fhirtypes';
import { createPool, type Pool, type PoolClient, withTransaction } from '../../src/db/index.ts';
import { extractIndex } from '../../src/search/index.ts';
import { createResourceTables, sweepLabels, writeVersions } from '../../src/storage/index.ts';
import { hashKey } from '../../src/storage/search-sql/index.ts';
import { registry } from '../search/standard-registry.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createDatabase();
  pool = createPool({ databaseUrl: database.url, databasePoolSize: 8, statementTimeoutMs: 10_000 });
  await createResourceTables(pool, registry).ensure(['Basic']);
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

beforeEach(async () => {
  await pool.query('truncate fhir.label, fhir."Basic"');
});

const basic = (id: string, display: string): Basic => ({
  resourceType: 'Basic',
  id,
  code: { coding: [{ system: 'http://c', code: display, display }] },
});

const indexOf = (display: string) =>
  extractIndex(basic('any', display), { registry, baseUrl: 'http://localhost/fhir/R4' });

/** Each test has labels of its own, since this process remembers for an hour which ones it wrote. */
const write = (client: PoolClient, id: string, display: string): Promise<void> =>
  writeVersions(client, registry, [
    {
      interaction: 'create',
      resourceType: 'Basic',
      id,
      versionId: 1,
      lastUpdated: 0,
      content: JSON.stringify(basic(id, display)),
      index: indexOf(display),
      replaces: false,
    },
  ]);

/** What a resource of long ago has left. */
async function leave(display: string, days = 31): Promise<void> {
  for (const { param, value, key } of indexOf(display).labels)
    await pool.query(`insert into fhir.label values ('Basic', $1, $2, $3, current_date - $4::integer)`, [
      param,
      value,
      hashKey(key),
      days,
    ]);
}

async function labels(): Promise<{ value: string; today: boolean }[]> {
  const { rows } = await pool.query<{ value: string; today: boolean }>(
    'select value, seen_on = current_date as today from fhir.label order by value',
  );
  return rows;
}

const sweepOnce = () => withTransaction(pool, sweepLabels);

/** Until someone waits for a lock of another transaction. */
async function untilBlocked(): Promise<void> {
  for (;;) {
    const { rowCount } = await pool.query('select from pg_locks where not granted');
    if (rowCount !== 0) return;
    await sleep(10);
  }
}

test('A label goes 30 days after it was last written when no resource has it, and stays while one has.', async () => {
  await withTransaction(pool, (client) => write(client, 'b1', 'used'));
  await pool.query('update fhir.label set seen_on = current_date - 31');
  await leave('recent', 30);
  await leave('unused');
  expect(await sweepOnce()).toEqual({ removed: 1, isFull: false });
  expect(await labels()).toEqual([
    { value: 'recent', today: false },
    { value: 'used', today: true },
  ]);
});

test('More than a batch is left to the next sweep.', async () => {
  await pool.query(`insert into fhir.label
    select 'Basic', 'code', 'label ' || i, gen_random_uuid(), current_date - 40 from generate_series(1, 250) i`);
  expect(await sweepOnce()).toEqual({ removed: 200, isFull: true });
  expect(await sweepOnce()).toEqual({ removed: 50, isFull: false });
});

test('A label that a writer has not committed yet is left alone.', async () => {
  await leave('written before');
  await withTransaction(pool, async (client) => {
    await write(client, 'b1', 'written before');
    expect(await sweepOnce()).toEqual({ removed: 0, isFull: false });
  });
  expect(await labels()).toEqual([{ value: 'written before', today: true }]);
});

test('A writer that comes while the sweep removes its label waits, and writes it anew.', async () => {
  await leave('written during');
  const sweep = await pool.connect();
  await sweep.query('begin');
  expect(await sweepLabels(sweep)).toEqual({ removed: 1, isFull: false });
  const written = withTransaction(pool, (client) => write(client, 'b1', 'written during'));
  await untilBlocked();
  await sweep.query('commit');
  sweep.release();
  await written;
  expect(await labels()).toEqual([{ value: 'written during', today: true }]);
});

test('Among many writers and sweeps no stored resource lacks its label.', async () => {
  const displays = Array.from({ length: 120 }, (_, i) => `display ${i}`);
  for (const display of displays) await leave(display);
  let isWriting = true;
  const sweeping = Array.from({ length: 2 }, async () => {
    while (isWriting) await sweepOnce();
  });
  const writers = Array.from({ length: 4 }, async (_, w) => {
    // Two writers of each label, from both ends.
    const mine = displays.filter((_display, i) => i % 2 === w % 2);
    for (const display of w < 2 ? mine : mine.toReversed())
      await withTransaction(pool, (client) => write(client, `${w} ${display}`.replaceAll(' ', '-'), display));
  });
  await Promise.all(writers);
  isWriting = false;
  await Promise.all(sweeping);
  expect((await labels()).map((l) => l.value).sort()).toEqual(displays.toSorted());
});

test('A label that one database has is written to another one all the same.', async () => {
  const second = await createDatabase();
  const other = createPool({ databaseUrl: second.url, databasePoolSize: 1, statementTimeoutMs: 10_000 });
  await createResourceTables(other, registry).ensure(['Basic']);
  for (const each of [pool, other]) await withTransaction(each, (client) => write(client, 'twice', 'twice'));
  const { rows } = await other.query('select from fhir.label');
  expect(rows.length).toBeGreaterThan(0);
  expect(await labels()).toHaveLength(rows.length);
  await other.end();
  await second.drop();
});
