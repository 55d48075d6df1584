/** Search of one type: a page by keyset, and the number of matches. */
import type { Pool, PoolClient } from '../db/index.ts';
import { and, type Expression, type SortKey } from '../search/index.ts';
import { tableName } from './resource-table.ts';
import { afterCursor, compileExpression, compileSort, type SortValue } from './search-sql/index.ts';
import { toStoredVersion, VERSION_COLUMNS, type StoredVersion, type VersionRow } from './stored-version.ts';

export interface PageQuery {
  readonly resourceType: string;
  /** The search's own filter together with the access filter. */
  readonly filter: Expression;
  readonly sort: readonly SortKey[];
  readonly count: number;
  /** Sort values of the last row of the page before. */
  readonly after?: readonly SortValue[] | undefined;
}

export interface Page {
  readonly versions: readonly StoredVersion[];
  /** Sort values of the last row, when there are more rows behind it. */
  readonly next?: readonly SortValue[];
}

type SortRow = VersionRow & Record<`s${number}`, SortValue>;

/** One page of current versions that match. The type's table must exist. */
export async function searchPage(db: Pool | PoolClient, query: PageQuery): Promise<Page> {
  const { resourceType, sort, count } = query;
  const values: unknown[] = [];
  const context = { resourceType, alias: 'r', values };
  const where = [`not r.deleted`, compileExpression(query.filter, context)];
  if (query.after !== undefined) where.push(afterCursor(sort, query.after, context));
  const { expressions, orderBy } = compileSort(sort, context);
  const sortColumns = expressions.map((sql, i) => `, ${sql} as s${i}`).join('');
  const { rows } = await db.query<SortRow>(
    `select ${VERSION_COLUMNS}${sortColumns} from ${tableName(resourceType)} r
     where ${where.join(' and ')} order by ${orderBy} limit ${count + 1}`,
    values,
  );
  const page = rows.slice(0, count);
  const last = page.at(-1);
  const versions = page.map(toStoredVersion);
  if (rows.length <= count || last === undefined) return { versions };
  return { versions, next: expressions.map((_, i) => last[`s${i}`] ?? null) };
}

/** How many current versions match. */
export async function countMatches(
  db: Pool | PoolClient,
  resourceType: string,
  filter: Expression,
): Promise<number> {
  const values: unknown[] = [];
  const where = compileExpression(filter, { resourceType, alias: 'r', values });
  const { rows } = await db.query<{ count: number }>(
    `select count(*) as count from ${tableName(resourceType)} r where not r.deleted and ${where}`,
    values,
  );
  return rows[0]?.count ?? 0;
}

/** Ids of at most `limit` matches within what `permitted` lets the caller see. */
export async function findIds(
  db: Pool | PoolClient,
  resourceType: string,
  filter: Expression,
  permitted: Expression,
  limit: number,
): Promise<StoredVersion[]> {
  const page = await searchPage(db, { resourceType, filter: and(filter, permitted), sort: [], count: limit });
  return [...page.versions];
}
