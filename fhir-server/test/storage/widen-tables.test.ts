/** Tables of an older version get what the present one needs. */
import { expect, test } from '@jest/globals';
import { createPool } from '../../src/db/index.ts';
import { createRegistry } from '../../src/reindex/index.ts';
import { createResourceTables } from '../../src/storage/index.ts';
import { createDatabase } from '../support/database.ts';

test('An index that has changed under its name is made anew, and a column that is missing is added.', async () => {
  const database = await createDatabase();
  const pool = createPool({ databaseUrl: database.url, databasePoolSize: 2, statementTimeoutMs: 10_000 });
  try {
    await createResourceTables(pool, createRegistry()).ensure(['Procedure']);
    await pool.query(`drop index fhir."Procedure date lo order";
      create index "Procedure date lo" on fhir."Procedure" ("date lo") where "date lo" is not null;
      alter table fhir."Procedure" drop column "date more";
      update fhir.layout set definition = 'older' where resource_type = 'Procedure'`);
    await createResourceTables(pool, createRegistry()).ensure(['Procedure']);
    const { rows } = await pool.query<{ name: string; sql: string }>(
      `select indexname as name, indexdef as sql from pg_indexes where tablename = 'Procedure' and indexname like 'Procedure date%' order by 1`,
    );
    expect(rows.map((row) => row.name)).toEqual([
      'Procedure date hi',
      'Procedure date lo order',
      'Procedure date more',
    ]);
    expect(rows[1]!.sql).not.toMatch(/where/i);
  } finally {
    await pool.end();
    await database.drop();
  }
});
