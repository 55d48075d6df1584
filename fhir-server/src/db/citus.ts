/**
 * Tables spread over the machines of a Citus cluster by a resource's id: https://docs.citusdata.com/en/stable/develop/api_udf.html
 * Which tables are, and why the others are not, is in docs/adr/0013-citus.md.
 */
import { DISTRIBUTION_COLUMN, wantsDistribution } from './distribution.ts';
import type { Pool, Queryable } from './pool.ts';
import { withTransaction } from './transaction.ts';

/** Those of the tables (quoted names with their schema) that are distributed already. Citus must be there. */
export async function distributedAmong(db: Queryable, tables: readonly string[]): Promise<Set<string>> {
  const { rows } = await db.query<{ name: string }>(
    `select t.name from unnest($1::text[]) as t(name)
     join pg_dist_partition p on p.logicalrelid = to_regclass(t.name)`,
    [tables],
  );
  return new Set(rows.map((row) => row.name));
}

/**
 * Distributes tables that are not yet distributed, all in one colocation group: rows of one id are on one machine, whatever their
 * table. To be called in a transaction; Citus copies the rows that a table has, and holds off its writers meanwhile.
 */
export async function distribute(client: Queryable, tables: readonly string[]): Promise<void> {
  const done = await distributedAmong(client, tables);
  const open = tables.filter((table) => !done.has(table));
  if (open.length === 0) return;
  await client.query(`set local citus.multi_shard_modify_mode = 'sequential'`);
  for (const table of open) {
    const { rows } = await client.query<{ name: string }>(FIRST_OF_GROUP);
    await client.query(
      `select create_distributed_table($1::text::regclass, '${DISTRIBUTION_COLUMN}', colocate_with => $2::text)`,
      [table, rows[0]?.name ?? 'none'],
    );
  }
}

/** Any table of the group names it; the oldest has been there longest. */
const FIRST_OF_GROUP = `select format('%I.%I', n.nspname, c.relname) as name
  from pg_dist_partition p join pg_class c on c.oid = p.logicalrelid join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'fhir' and p.partmethod = 'h' order by c.oid limit 1`;

/** Every table of resources that there is, by what `fhir.layout` says; each type in a transaction of its own. */
export async function distributeAll(pool: Pool): Promise<void> {
  if (!(await wantsDistribution(pool))) return;
  const { rows } = await pool.query<{ tables: string[] }>(
    `select array[format('fhir.%I', resource_type), format('fhir.%I', resource_type || '_history'),
       format('fhir.%I', resource_type || '_string')] as tables from fhir.layout order by resource_type`,
  );
  for (const { tables } of rows)
    await withTransaction(pool, async (client) => {
      await client.query('set local statement_timeout = 0');
      await distribute(client, tables);
    });
}
