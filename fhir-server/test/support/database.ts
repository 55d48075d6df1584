/** A database of its own for a test file: a clone of the migrated template, made in some ten milliseconds. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { askFor, CITUS_NAMES } from './citus-names.ts';

export interface TestDatabase {
  /** Connection string for DATABASE_URL. */
  readonly url: string;
  /** Ends open connections and deletes the database. */
  drop(): Promise<void>;
}

async function onServer(sql: string, url = process.env['TEST_POSTGRES_URL']): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

let isDistributed = false;

/**
 * Databases that this test file makes afterwards are asked for statements as Citus takes them, on a PostgreSQL that has no more of it
 * than names.
 */
export const distributeDatabases = (): void => void (isDistributed = true);

/** Clones the template; pass `empty: true` for a database without our schema, to test migrations. */
export async function createDatabase(options: { empty?: boolean } = {}): Promise<TestDatabase> {
  const server = process.env['TEST_POSTGRES_URL'];
  if (server === undefined)
    throw new Error('TEST_POSTGRES_URL is not set: run Jest from the root of the repository');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onServer(
    `create database ${name} template ${options.empty === true ? 'template0' : 'template_migrated'}`,
  );
  const url = new URL(server);
  url.pathname = `/${name}`;
  if (isDistributed && options.empty !== true)
    await onServer(`${CITUS_NAMES}; ${askFor(name, 'id')}`, url.href);
  return { url: url.href, drop: () => onServer(`drop database if exists ${name} with (force)`) };
}
