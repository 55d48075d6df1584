/** Statements that may take long and are planned once for all values. */
import type pg from 'pg';
import { isDistributed } from './distribution.ts';
import { gather } from './gather.ts';
import type { Pool, Queryable } from './pool.ts';

/**
 * The pool for named statements whose plan does not depend on their values: planning may cost more than running them. Citus has no
 * plans for all values (https://github.com/citusdata/citus/issues/7813): there each statement is planned for its own.
 */
export const steady = (pool: Pool): Queryable => ({
  async query<R extends pg.QueryResultRow>(config: string | pg.QueryConfig, values?: unknown[]) {
    if (isDistributed(pool)) return pool.query<R>(config as pg.QueryConfig, values);
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      gather(client);
      // One packet; the others who use the connection have their statements planned as before.
      const [, result] = await Promise.allSettled([
        client.query('set plan_cache_mode = force_generic_plan'),
        client.query<R>(config as pg.QueryConfig, values),
        client.query('reset plan_cache_mode').catch((fault: unknown) => {
          broken = fault instanceof Error ? fault : new Error(String(fault));
        }),
      ]);
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    } finally {
      client.release(broken);
    }
  },
});
