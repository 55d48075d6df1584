/** Brings the schema of the database at DATABASE_URL up to date; refuses servers that are too old. */
import pg from 'pg';
import { migrate, type MigrateOptions } from '../fhir-server/src/db/index.ts';
import { loadMigrationConfig } from '../fhir-server/src/platform/migration-config.ts';
import { readSecretFiles } from '../fhir-server/src/platform/secret-files.ts';

const oldestMajor = 15;

/** Throws when the server is not reachable, too old, or not in UTF8. */
export async function migrateDatabase(url: string, options: Partial<MigrateOptions> = {}): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  try {
    const { rows } = await pool.query<{ version: string; encoding: string }>(
      "select current_setting('server_version_num') as version, current_setting('server_encoding') as encoding",
    );
    const major = Math.floor(Number(rows[0]?.version ?? 0) / 10_000);
    if (major < oldestMajor)
      throw new Error(`PostgreSQL ${oldestMajor} or newer is needed, and this is ${major}.`);
    if (rows[0]?.encoding !== 'UTF8')
      throw new Error(`The database must be in UTF8, not ${rows[0]?.encoding ?? ''}.`);
    await migrate(pool, options);
  } finally {
    await pool.end();
  }
}

if (import.meta.main) {
  const faults: string[] = [];
  const env = readSecretFiles(process.env, faults);
  const whole = (name: string, fallback: number, min: number, max: number): number => {
    const value = env[name] === undefined ? fallback : Number(env[name]);
    if (!Number.isInteger(value) || value < min || value > max)
      faults.push(`${name} must be a whole number from ${min} to ${max}`);
    return value;
  };
  const settings = loadMigrationConfig({ whole });
  const url = env['DATABASE_URL'];
  if (faults.length > 0) throw new Error(faults.join('\n'));
  if (url === undefined || url === '') throw new Error('DATABASE_URL is not set.');
  await migrateDatabase(url, {
    ...settings,
    onWaiting: (name, attempt) => console.log(`${name} waits for a table, attempt ${attempt}`),
  });
  console.log('The schema is up to date.');
}
