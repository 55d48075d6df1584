/** Numbered SQL files, each applied once and in order, by one process at a time, while the code of before goes on serving. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { distributeAll } from './citus.ts';
import { learnDistribution } from './distribution.ts';
import type { Pool, PoolClient } from './pool.ts';

const ownFolder = fileURLToPath(new URL('./migrations/', import.meta.url));
const LOCK = 8103;
const LOCK_POLL_MS = 100;
const LOCK_NOT_AVAILABLE = '55P03';
const DELAY_MS = 100;
const DELAY_MAX_MS = 5_000;
/** The first line of a file whose statements are run one by one, for indexes that are built beside writers. */
const WITHOUT_TRANSACTION = /^-- without transaction\b/;

export interface MigrateOptions {
  /** Whoever waits longer for a table than this makes way to those who wait behind it, and tries again. */
  readonly lockTimeoutMs: number;
  /** How often a file is tried that does not get its tables. */
  readonly attemptsMax: number;
  /** Where the files are. */
  readonly folder?: string;
  /** Told of each attempt that has made way. */
  readonly onWaiting?: (name: string, attempt: number) => void;
}

export const MIGRATE_DEFAULTS = { lockTimeoutMs: 2_000, attemptsMax: 60 } as const;

/** A database that this code cannot work with. */
export class SchemaError extends Error {}

/** Names of the files in a folder, in their order. */
const migrationsIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => /^\d{4}_.*\.sql$/.test(name)).sort();

/**
 * Brings the schema up to date and returns the names of the files applied. Each file is one transaction, unless it says that it
 * is none. A statement that waits for a table keeps all waiting that come after it, so it gives up after `lockTimeoutMs`; the
 * file is then rolled back and tried again. Throws PostgreSQL's error after `attemptsMax`. On Citus, tables of resources that are
 * not distributed yet then are.
 */
export async function migrate(pool: Pool, options: Partial<MigrateOptions> = {}): Promise<string[]> {
  const applied = await applyNew(pool, { ...MIGRATE_DEFAULTS, ...options });
  await distributeAll(pool);
  return applied;
}

async function applyNew(pool: Pool, settings: MigrateOptions): Promise<string[]> {
  const folder = settings.folder ?? ownFolder;
  const client = await pool.connect();
  let fault: Error | undefined;
  try {
    await takeTurn(client);
    await client.query(
      'create table if not exists schema_migration (name text primary key, applied_at timestamptz not null default now())',
    );
    const { rows } = await client.query<{ name: string }>('select name from schema_migration');
    const done = new Set(rows.map(({ name }) => name));
    const applied: string[] = [];
    for (const name of await migrationsIn(folder)) {
      if (done.has(name)) continue;
      await applyPatiently(client, name, await readFile(join(folder, name), 'utf8'), settings);
      applied.push(name);
    }
    await client.query('select pg_advisory_unlock($1)', [LOCK]);
    return applied;
  } catch (error) {
    fault = error as Error;
    throw error;
  } finally {
    // With its connection the lock ends, too.
    client.release(fault);
  }
}

/** Asked for now and then: who waited in a transaction would keep an index from being built beside it. */
async function takeTurn(client: PoolClient): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ mine: boolean }>('select pg_try_advisory_lock($1) as mine', [LOCK]);
    if (rows[0]?.mine === true) return;
    await sleep(LOCK_POLL_MS);
  }
}

async function applyPatiently(
  client: PoolClient,
  name: string,
  sql: string,
  { lockTimeoutMs, attemptsMax, onWaiting }: MigrateOptions,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (WITHOUT_TRANSACTION.test(sql)) await applyOneByOne(client, name, sql);
      else await applyAsOne(client, name, sql, lockTimeoutMs);
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE || attempt >= attemptsMax) throw error;
      onWaiting?.(name, attempt);
      // Not in step with what holds the lock again and again.
      await sleep(Math.min(DELAY_MS * 2 ** (attempt - 1), DELAY_MAX_MS) * (0.5 + Math.random() / 2));
    }
  }
}

const NOTE = 'insert into schema_migration (name) values ($1)';

async function applyAsOne(
  client: PoolClient,
  name: string,
  sql: string,
  lockTimeoutMs: number,
): Promise<void> {
  await client.query('begin');
  try {
    await client.query(`set local lock_timeout = ${lockTimeoutMs}`);
    await client.query(sql);
    await client.query(NOTE, [name]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

/** They wait for old transactions and keep nobody waiting, so they take their time. A file may be begun anew at any statement. */
async function applyOneByOne(client: PoolClient, name: string, sql: string): Promise<void> {
  const statements = sql
    .replaceAll(/^--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
  for (const statement of statements) await client.query(statement);
  await client.query(NOTE, [name]);
}

/**
 * Throws SchemaError when the database lacks a migration of this code. One that has more is of a newer version, beside which this one
 * works. Of a database that has all, the pool learns whether its tables are distributed.
 */
export async function checkMigrated(pool: Pool): Promise<void> {
  const { rows: tables } = await pool.query<{ there: boolean }>(
    "select to_regclass('schema_migration') is not null as there",
  );
  const { rows } = tables[0]?.there
    ? await pool.query<{ name: string }>('select name from schema_migration')
    : { rows: [] };
  const done = new Set(rows.map(({ name }) => name));
  const missing = (await migrationsIn(ownFolder)).filter((name) => !done.has(name));
  if (missing.length === 0) return learnDistribution(pool);
  throw new SchemaError(
    `The database is older than this version: it lacks ${missing.length} migrations, the first of them ${missing[0]}. ` +
      'Run node scripts/migrate.ts before this version starts (docs/operations.md, "Upgrades").',
  );
}
