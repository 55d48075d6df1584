/** Numbered SQL files, each applied once and in order, under a lock so that several processes may start together. */
import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { distributeAll } from './citus.ts';
import type { Pool } from './pool.ts';
import { withTransaction } from './transaction.ts';

const folder = fileURLToPath(new URL('./migrations/', import.meta.url));
const LOCK = 8103;

/**
 * Brings the schema up to date and returns the names of the files applied. Each file is one transaction.
 * On Citus, tables of resources that are not distributed yet then are.
 */
export async function migrate(pool: Pool): Promise<string[]> {
  const files = (await readdir(folder)).filter((name) => /^\d{4}_.*\.sql$/.test(name)).sort();
  const applied: string[] = [];
  for (const name of files) {
    const sql = await readFile(`${folder}${name}`, 'utf8');
    const isNew = await withTransaction(pool, async (client) => {
      await client.query('select pg_advisory_xact_lock($1)', [LOCK]);
      await client.query(
        'create table if not exists schema_migration (name text primary key, applied_at timestamptz not null default now())',
      );
      const done = await client.query('select from schema_migration where name = $1', [name]);
      if (done.rowCount !== 0) return false;
      await client.query(sql);
      await client.query('insert into schema_migration (name) values ($1)', [name]);
      return true;
    });
    if (isNew) applied.push(name);
  }
  await distributeAll(pool);
  return applied;
}
