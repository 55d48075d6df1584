/** Row locks of resources that are about to change, and what is known of them. */
import type { PoolClient } from '../db/index.ts';
import type { Expression, SearchParameterRegistry } from '../search/index.ts';
import { compileExpression, tableName } from './search-sql/index.ts';
import { statement } from './statement.ts';

/** What is known of a resource that is about to change, read under a row lock. */
export interface LockedVersion {
  readonly id: string;
  readonly versionId: number;
  readonly deleted: boolean;
  /** Whether it passes the filter for writing. Deleted resources have no index: only an unrestricted filter passes. */
  readonly permitted: boolean;
  /** Where it was asked for. */
  readonly content?: string;
}

export interface LockOptions {
  /** False: waits for no one, and rows that others hold are absent too. */
  readonly isPatient?: boolean;
  readonly withContent?: boolean;
}

/** Locks the rows of one type until the end of the transaction, in the order of their ids; unknown ids are absent. */
export async function lockVersions(
  client: PoolClient,
  registry: SearchParameterRegistry,
  resourceType: string,
  ids: readonly string[],
  filter: Expression,
  { isPatient = true, withContent = false }: LockOptions = {},
): Promise<Map<string, LockedVersion>> {
  const values: unknown[] = [ids];
  const permitted = compileExpression(filter, { resourceType, registry, alias: 'r', values });
  const { rows } = await client.query<{
    id: string;
    version_id: number;
    deleted: boolean;
    permitted: boolean | null;
    content?: string;
  }>(
    statement(
      `select r.id, r.version_id, r.deleted, (${permitted}) as permitted${withContent ? ', r.content' : ''} from ${tableName(resourceType)} r
       where r.id = any($1::text[]) order by r.id for update${isPatient ? '' : ' skip locked'}`,
      values,
    ),
  );
  return new Map(
    rows.map(({ id, version_id: versionId, deleted, permitted, content }) => [
      id,
      { id, versionId, deleted, permitted: permitted === true, ...(content !== undefined && { content }) },
    ]),
  );
}

/** Those of the ids that have a row, deleted or not, whoever holds it. */
export async function knownIds(
  client: PoolClient,
  resourceType: string,
  ids: readonly string[],
): Promise<Set<string>> {
  const { rows } = await client.query<{ id: string }>(
    statement(`select r.id from ${tableName(resourceType)} r where r.id = any($1::text[])`, [ids]),
  );
  return new Set(rows.map((row) => row.id));
}
