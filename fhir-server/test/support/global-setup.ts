/** Before the first test file: one throw-away PostgreSQL for the run, with a migrated database to clone. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../src/db/index.ts';
import { buildApps } from '../../../scripts/start/apps.ts';
import { startThrowAwayPostgres, type EmbeddedPostgres } from '../../../scripts/embedded-postgres.ts';
import { templateName } from './database.ts';

/** The server of this run, for the teardown, which runs in the same process. */
export const run: { postgres?: EmbeddedPostgres } = {};

/** Makes the database that `createDatabase` clones. */
export async function migrateTemplate(adminUrl: string): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`create database ${templateName}`);
  await admin.end();
  const url = new URL(adminUrl);
  url.pathname = `/${templateName}`;
  const pool = new pg.Pool({ connectionString: url.href, max: 2 });
  await migrate(pool);
  await pool.end();
}

/**
 * Sets TEST_POSTGRES_URL for the workers; an external server may be given in the same variable. TEST_SETTLED_DIR is the folder
 * that belongs to the system of scripts/test/support/settled-system.ts.
 */
export default async function globalSetup(): Promise<void> {
  // Once and before all files: several of them start the whole system, and a build empties what another serves.
  await buildApps();
  if (process.env['TEST_POSTGRES_URL'] === undefined) {
    run.postgres = await startThrowAwayPostgres();
    process.env['TEST_POSTGRES_URL'] = run.postgres.url;
  }
  await migrateTemplate(process.env['TEST_POSTGRES_URL']);
  process.env['TEST_SETTLED_DIR'] = mkdtempSync(join(tmpdir(), 'dr-assistant-settled-'));
}
