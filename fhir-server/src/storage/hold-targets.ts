/** Who refers to a resource and who deletes it wait for each other, so that one of them sees what the other did. */
import { isDistributed, type PoolClient, type Queryable } from '../db/index.ts';
import type { Expression, SearchParameterRegistry } from '../search/index.ts';
import { compileExpression, tableName } from './search-sql/index.ts';
import { statement } from './statement.ts';

/** Of pg_advisory_xact_lock(int, int). */
const LOCK_CLASS = 8111;
/** Names share locks, so that one transaction never holds more than the database has room for. */
const LOCKS = 1_024;

/**
 * Until the end of the transaction. `Type/id` of what is referred to, which others may refer to as well, and of what is deleted,
 * which waits for all who refer to it. In one order for all; a deadlock with locks of rows is for the caller to try again.
 */
export async function holdTargets(
  client: PoolClient,
  referredTo: readonly string[],
  deleted: readonly string[],
): Promise<void> {
  if (referredTo.length + deleted.length === 0) return;
  await client.query({
    name: 'hold-targets',
    text: `select case when alone then pg_advisory_xact_lock($1, key) else pg_advisory_xact_lock_shared($1, key) end
      from (
        select abs(hashtext(name) % ${LOCKS}) as key, bool_or(alone) as alone
        from unnest($2::text[], $3::boolean[]) n (name, alone) group by 1 order by 1
      ) keys`,
    values: [
      LOCK_CLASS,
      [...referredTo, ...deleted],
      [...referredTo.map(() => false), ...deleted.map(() => true)],
    ],
  });
}

/** What is there of the ids within what `filter` lets the caller see. What is deleted has no index: only `all` sees it. */
export async function findTargets(
  db: Queryable,
  registry: SearchParameterRegistry,
  resourceType: string,
  ids: readonly string[],
  filter: Expression,
): Promise<ReadonlyMap<string, { readonly versionId: number; readonly deleted: boolean }>> {
  const values: unknown[] = [ids];
  const permitted = compileExpression(filter, {
    resourceType,
    registry,
    alias: 'r',
    values,
    isDistributed: isDistributed(db),
    rows: { alias: 'r', among: (id) => `${id} = any($1::text[])` },
  });
  const { rows } = await db.query<{ id: string; versionId: number; deleted: boolean }>(
    statement(
      `select r.id, r.version_id as "versionId", r.deleted from ${tableName(resourceType)} r
       where r.id = any($1::text[]) and (${permitted})`,
      values,
    ),
  );
  return new Map(rows.map((row) => [row.id, row]));
}
