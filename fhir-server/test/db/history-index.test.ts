/** The migration that gives existing types the indexes of their history. */
import { expect, test } from '@jest/globals';
import { createPool, migrate } from '../../src/db/index.ts';
import { createDatabase } from '../support/database.ts';

const FILE = '0004_history_index.sql';

test('Types that were there before get the indexes that new ones get with their tables, once.', async () => {
  const database = await createDatabase();
  const pool = createPool({ databaseUrl: database.url, databasePoolSize: 2, statementTimeoutMs: 10_000 });
  try {
    for (const type of ['Basic', 'ImmunizationRecommendation'])
      await pool.query(`
        create table fhir."${type}" (id text, version_id integer, last_updated bigint, deleted boolean);
        create table fhir."${type}_history" (id text, version_id integer, last_updated bigint, deleted boolean);
        create table fhir."${type}_string" (id text)`);
    await pool.query('delete from schema_migration where name = $1', [FILE]);
    expect(await migrate(pool)).toEqual([FILE]);
    expect(await migrate(pool)).toEqual([]);
    const { rows } = await pool.query<{ name: string }>(
      `select tablename || ': ' || indexname as name from pg_indexes where schemaname = 'fhir' and tablename ~ '^[A-Z]' order by 1`,
    );
    expect(rows.map((row) => row.name)).toEqual([
      'Basic: Basic deletions',
      'Basic_history: Basic superseded',
      'ImmunizationRecommendation: ImmunizationRecommendation deletions',
      'ImmunizationRecommendation_history: ImmunizationRecommendation superseded',
    ]);
  } finally {
    await pool.end();
    await database.drop();
  }
});
