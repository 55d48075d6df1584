/** What the worker removes from the index by and by. */
import { expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPool } from '../../src/db/index.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { startUpkeep } from '../../src/reindex/index.ts';
import { createResourceTables } from '../../src/storage/index.ts';
import { registry } from '../search/standard-registry.ts';
import { createDatabase } from '../support/database.ts';

const DAY_MS = 86_400_000;

test('Old jobs and old labels go; open jobs, recent ones and those that make a parameter ready stay.', async () => {
  const database = await createDatabase();
  const pool = createPool({ databaseUrl: database.url, databasePoolSize: 2, statementTimeoutMs: 10_000 });
  try {
    await createResourceTables(pool, registry).ensure(['Basic']);
    await pool.query(
      `insert into fhir.label values ('Basic', 'code', 'x', gen_random_uuid(), current_date - 31)`,
    );
    await pool.query(`
      insert into fhir.reindex_job (definition, resource_types, state, parameter_id, finished_at) values
        ('open', '{}', 'waiting', null, null),
        ('running', '{}', 'running', 'p1', null),
        ('done of old', '{}', 'done', null, now() - interval '31 days'),
        ('done lately', '{}', 'done', null, now() - interval '29 days'),
        ('ready', '{}', 'done', 'p1', now() - interval '400 days'),
        ('obsolete of old', '{}', 'obsolete', 'p1', now() - interval '31 days'),
        ('obsolete lately', '{}', 'obsolete', 'p1', now() - interval '1 day')`);
    const settings = { pauseMs: 0, retentionMs: 30 * DAY_MS };
    const upkeep = startUpkeep({ pool, settings, logger: createLogger('test', 'fatal') });
    while ((await pool.query('select from fhir.label')).rowCount !== 0) await sleep(10);
    await upkeep.stop();
    const { rows } = await pool.query<{ definition: string }>(
      'select definition from fhir.reindex_job order by 1',
    );
    expect(rows.map((r) => r.definition)).toEqual([
      'done lately',
      'obsolete lately',
      'open',
      'ready',
      'running',
    ]);
  } finally {
    await pool.end();
    await database.drop();
  }
});
