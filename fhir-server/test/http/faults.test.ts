/** What errors of a real database become. https://www.postgresql.org/docs/current/errcodes-appendix.html */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPool, type Pool } from '../../src/db/index.ts';
import { toFhirError } from '../../src/http/faults.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let pool: Pool;
const settings = { databasePoolSize: 2, statementTimeoutMs: 200 };

beforeAll(async () => {
  database = await createDatabase();
  pool = createPool({ ...settings, databaseUrl: database.url });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function statusOf(on: Pool, text: string, values: unknown[] = []): Promise<[unknown, number]> {
  try {
    await on.query(text, values);
  } catch (error) {
    const { code } = error as { code?: unknown };
    return [code, toFhirError(error, createLogger('test', 'silent'), 'request').status];
  }
  throw new Error('the statement did not fail');
}

test('A message that breaks the protocol is a fault of this server, not of the connection.', async () => {
  expect(await statusOf(pool, 'select $1::text, $2::text', ['one too few'])).toEqual(['08P01', 500]);
});

test('A database that is not there, or ends the connection, is unavailable for the moment.', async () => {
  const away = createPool({ ...settings, databaseUrl: 'postgres://nobody@127.0.0.1:1/nothing' });
  expect(await statusOf(away, 'select 1')).toEqual(['ECONNREFUSED', 503]);
  await away.end();
  expect(await statusOf(pool, 'select pg_terminate_backend(pg_backend_pid())')).toEqual(['57P01', 503]);
});

test('A statement that takes too long was too costly.', async () => {
  const [code, status] = await statusOf(pool, 'select pg_sleep(5)');
  expect([code, status]).toEqual(['57014', 503]);
});
