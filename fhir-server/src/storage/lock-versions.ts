/** Row locks of resources that are about to change, and what is known of them. */
import { isDistributed, type PoolClient } from '../db/index.ts';
import type { Expression, SearchParameterRegistry } from '../search/index.ts';
import { findTargets } from './hold-targets.ts';
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
  const rows = isDistributed(client)
    ? await lockEach(client, registry, resourceType, ids, filter, { isPatient, withContent })
    : await lockTogether(client, registry, resourceType, ids, filter, { isPatient, withContent });
  return new Map(
    rows.map(({ id, version_id: versionId, deleted, permitted, content }) => [
      id,
      { id, versionId, deleted, permitted: permitted === true, ...(content !== undefined && { content }) },
    ]),
  );
}

interface LockedRow {
  readonly id: string;
  readonly version_id: number;
  readonly deleted: boolean;
  readonly permitted: boolean | null;
  readonly content?: string;
}

const lockClause = ({ isPatient = true }: LockOptions): string =>
  `for update${isPatient ? '' : ' skip locked'}`;

async function lockTogether(
  client: PoolClient,
  registry: SearchParameterRegistry,
  resourceType: string,
  ids: readonly string[],
  filter: Expression,
  options: LockOptions,
): Promise<readonly LockedRow[]> {
  const values: unknown[] = [ids];
  const context = { resourceType, registry, alias: 'r', values, isDistributed: false };
  const permitted = compileExpression(filter, context);
  const { rows } = await client.query<LockedRow>(
    statement(
      `select r.id, r.version_id, r.deleted, (${permitted}) as permitted${options.withContent === true ? ', r.content' : ''} from ${tableName(resourceType)} r
       where r.id = any($1::text[]) order by r.id ${lockClause(options)}`,
      values,
    ),
  );
  return rows;
}

/**
 * Citus locks rows of one shard only: one statement for each id, in the same order for all. What may be written is asked when all
 * are held, so that it is true of what was locked.
 */
async function lockEach(
  client: PoolClient,
  registry: SearchParameterRegistry,
  resourceType: string,
  ids: readonly string[],
  filter: Expression,
  options: LockOptions,
): Promise<readonly LockedRow[]> {
  const text = `select r.id, r.version_id, r.deleted${options.withContent === true ? ', r.content' : ''} from ${tableName(resourceType)} r where r.id = $1 ${lockClause(options)}`;
  const locked = await lockInTurn<Omit<LockedRow, 'permitted'>>(client, text, ids);
  if (locked.length === 0) return [];
  const held = locked.map(({ id }) => id);
  const permitted =
    filter.kind === 'all'
      ? new Set(held)
      : new Set((await findTargets(client, registry, resourceType, held, filter)).keys());
  return locked.map((row) => ({ ...row, permitted: permitted.has(row.id) }));
}

/** Each of the ids by a statement of its own, with the id as `$1`: sent together, and run in the order of the ids whatever theirs was. */
export async function lockInTurn<R extends object>(
  client: PoolClient,
  text: string,
  ids: Iterable<string>,
): Promise<R[]> {
  const inOrder = [...new Set(ids)].sort();
  const answers = await Promise.all(inOrder.map((id) => client.query<R>(statement(text, [id]))));
  return answers.flatMap(({ rows }) => rows);
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
