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

/** What `globalSetup` migrates. */
export const templateName = 'template_migrated';

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

/**
 * Clones the migrated database, or another one by name; pass `empty: true` for one without our schema, to test migrations.
 * Its files are copied as they are: by pages through the log, as PostgreSQL does of itself, takes four times as long.
 */
export async function createDatabase(
  options: { readonly empty?: boolean; readonly template?: string } = {},
): Promise<TestDatabase> {
  const server = process.env['TEST_POSTGRES_URL'];
  if (server === undefined)
    throw new Error('TEST_POSTGRES_URL is not set: run Jest from the root of the repository');
  const name = `test_${randomBytes(8).toString('hex')}`;
  const template = options.empty === true ? 'template0' : (options.template ?? templateName);
  await onServer(`create database ${name} template ${template} strategy file_copy`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  if (isDistributed && options.empty !== true)
    await onServer(`${CITUS_NAMES}; ${askFor(name, 'id')}`, url.href);
  return { url: url.href, drop: () => onServer(`drop database if exists ${name} with (force)`) };
}
