/** Events leave the outbox in the order of a resource's versions, however many workers take them. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPool, type Pool } from '../../src/db/index.ts';
import { createRegistry } from '../../src/reindex/index.ts';
import { dispatchEvents } from '../../src/subscription/dispatch.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createDatabase();
  pool = createPool({ databaseUrl: database.url, databasePoolSize: 4, statementTimeoutMs: 30_000 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const nobody = { loadCollecting: () => Promise.resolve([]), loadSending: () => Promise.resolve([]) };
const dispatch = () =>
  dispatchEvents(pool, nobody, { registry: createRegistry(), baseUrl: 'http://localhost', batchSize: 10 });
const waiting = async (): Promise<string[]> => {
  const { rows } = await pool.query<{ name: string }>(
    `select resource_id || '/' || version_id as name from outbox order by 1`,
  );
  return rows.map(({ name }) => name);
};

test('A version waits for an earlier one that another worker holds, and others go on.', async () => {
  await pool.query(
    `insert into outbox (id, resource_type, resource_id, version_id, interaction)
     select gen_random_uuid(), 'Encounter', id, version, 'update'
     from (values ('held', 1), ('held', 2), ('free', 1), ('free', 2)) as e (id, version)`,
  );
  const other = await pool.connect();
  await other.query('begin');
  await other.query(`select 1 from outbox where resource_id = 'held' and version_id = 1 for update`);
  expect(await dispatch()).toMatchObject({ events: 2 });
  expect(await waiting()).toEqual(['held/1', 'held/2']);
  await other.query('rollback');
  other.release();
  expect(await dispatch()).toMatchObject({ events: 2 });
  expect(await waiting()).toEqual([]);
});
