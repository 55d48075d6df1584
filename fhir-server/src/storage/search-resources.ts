/** Search of one type: a page by keyset, and the number of matches. */
import { isDistributed, type Queryable } from '../db/index.ts';
import { ALL, and, type Expression, type SearchParameterRegistry, type SortKey } from '../search/index.ts';
import { pageSql, walkStringsSql } from './page-sql.ts';
import { planOf, runByPlan, soughtParts } from './plan.ts';
import { probedParts } from './has-probe.ts';
import { expectedRows } from './key-frequency.ts';
import { compileExpression, mainDate, tableName, type SortValue } from './search-sql/index.ts';
import { statement } from './statement.ts';
import { toStoredVersion, type StoredVersion, type VersionRow } from './stored-version.ts';

export interface PageQuery {
  readonly registry: SearchParameterRegistry;
  readonly resourceType: string;
  /** The search's own filter together with the access filter. */
  readonly filter: Expression;
  readonly sort: readonly SortKey[];
  readonly count: number;
  /** The page ends before its contents are longer than this, in bytes, but not before its first resource. */
  readonly bytesMax?: number | undefined;
  /** Where to go on: sort values of the last row of the page before, or of the first row of the page after. */
  readonly from?: PagePosition | undefined;
}

export interface PagePosition {
  readonly direction: 'next' | 'previous';
  readonly values: readonly SortValue[];
}

export interface Page {
  readonly versions: readonly StoredVersion[];
  /** How well each matches, from 0 to 1, if the page is in that order. */
  readonly scores?: readonly number[];
  /** Sort values of the last row, when there are more rows behind it. */
  readonly next?: readonly SortValue[];
  /** Sort values of the first row, when there are rows before it. */
  readonly previous?: readonly SortValue[];
}

/** `found`: rows of the page before it was cut for its size. */
type SortRow = VersionRow & { readonly found?: number } & Record<`s${number}`, SortValue>;

/** Smaller pages are not looked at for their size. */
const SMALL_PAGE = 100;

/** One page of current versions that match. The type's table must exist. */
export async function searchPage(db: Queryable, query: PageQuery): Promise<Page> {
  const { registry, resourceType, sort, count, from } = query;
  const values: unknown[] = [];
  const backwards = from?.direction === 'previous';
  const plan = planOf(query.filter);
  const isFenced =
    plan === 'short' ? !isByMainDate(query) : plan === 'steady' || (await isCollected(db, query));
  const probed = await probedParts(db, registry, resourceType, query.filter, count + 1);
  const byRange = plan === 'open-ended';
  const context = {
    resourceType,
    registry,
    alias: 'r',
    values,
    isDistributed: isDistributed(db),
    backwards,
    isFenced,
    probed,
    byRange,
  };
  const matches = `not r.deleted and ${compileExpression(query.filter, context)}`;
  const limit = `$${values.push(count + 1)}::bigint`;
  const isWalked = plan === 'open-ended' && !isFenced && (await isWalkedByString(db, query));
  const whole = isWalked
    ? walkStringsSql({ sort, from, matches, limit }, context)
    : pageSql({ sort, from, matches, limit }, context);
  const { bytesMax } = query;
  const text = bytesMax === undefined || count <= SMALL_PAGE ? whole : cutSql(whole, values, bytesMax);
  const { rows } = await runByPlan<SortRow>(db, text, values, plan);
  const isMore = (rows[0]?.found ?? rows.length) > Math.min(count, rows.length);
  const page = rows.slice(0, count);
  if (backwards) page.reverse();
  const position = (row: SortRow | undefined, is: boolean): readonly SortValue[] | undefined =>
    is && row ? [...sort, 'id'].map((_, i) => row[`s${i}`] ?? null) : undefined;
  // Coming from a page means that there is something on that side, unless it was deleted meanwhile.
  const next = position(page.at(-1), backwards || isMore);
  const previous = position(page[0], backwards ? isMore : from !== undefined);
  const scores = sort[0]?.type === 'rank' ? page.map((row) => Number(row.s0)) : undefined;
  return {
    versions: page.map(toStoredVersion),
    ...(scores && { scores }),
    ...(next && { next }),
    ...(previous && { previous }),
  };
}

/** The first rows of a page, as many as have room. */
const cutSql = (whole: string, values: unknown[], bytesMax: number): string =>
  `select * from (
    select p.*, row_number() over () as place, count(*) over () as found,
      sum(octet_length(p.content)) over (rows unbounded preceding) as bytes
    from (${whole}) p
  ) q where q.place = 1 or q.bytes <= $${values.push(bytesMax)}::bigint order by q.place`;

/** Rows that may be read and sorted for one page rather than be looked for in the order of the page. */
const COLLECTED_MAX = 20_000;

/**
 * Whether a key leads to so few rows that reading them all is the surer way. Looking for the matches in the order of the
 * page is quick only if they are spread evenly, and ends never where another condition excludes what has the key.
 */
async function isCollected(db: Queryable, { resourceType, filter, sort }: PageQuery): Promise<boolean> {
  const parts = soughtParts(filter);
  const isPlain = parts.length === 1 && sort.every(({ type }) => type === 'id' || type === 'lastUpdated');
  if (isPlain) return false;
  for (const part of parts)
    if (part.kind === 'key' && (await expectedRows(db, resourceType, part.keys)) <= COLLECTED_MAX)
      return true;
  return false;
}

/** As many matches are sorted at once rather than be looked for in the order of their strings. */
const SORTED_MAX = 5_000;

/** Whether to go through the values of the string to sort by: for one parameter, and only where most of them match. */
async function isWalkedByString(db: Queryable, { registry, resourceType, filter, sort }: PageQuery) {
  const [first] = sort;
  // Citus has no order over two tables, and the coordinator does not know how many rows there are.
  if (isDistributed(db)) return false;
  if (first?.type !== 'string' || (first.of?.length ?? 1) > 1) return false;
  const [expected, all] = await Promise.all(
    [filter, ALL].map((of) => estimateMatches(db, registry, resourceType, of)),
  );
  return expected! > SORTED_MAX && expected! * SHARE_MIN > all!;
}

/** One row in so many matches. */
const SHARE_MIN = 20;

/** Of one patient, by the date that the index over his resources is ordered by. */
function isByMainDate({ registry, resourceType, filter, sort: [first] }: PageQuery): boolean {
  const parts = filter.kind === 'and' ? filter.of : [filter];
  return (
    first?.type === 'range' &&
    first.descending &&
    first.param === mainDate(registry, resourceType) &&
    parts.some((part) => part.kind === 'link' && part.link === 'patient' && part.ids.length === 1)
  );
}

/** How many current versions match. */
export async function countMatches(
  db: Queryable,
  registry: SearchParameterRegistry,
  resourceType: string,
  filter: Expression,
): Promise<number> {
  const values: unknown[] = [];
  const where = compileExpression(filter, {
    resourceType,
    registry,
    alias: 'r',
    values,
    isDistributed: isDistributed(db),
    byRange: true,
  });
  const { rows } = await (db.openEnded ?? db).query<{ count: number }>(
    statement(
      `select count(*) as count from ${tableName(resourceType)} r where not r.deleted and ${where}`,
      values,
    ),
  );
  return rows[0]?.count ?? 0;
}

/**
 * What the planner expects, without counting: from its statistics, in constant time. Where tables are distributed, the planner that
 * is asked has none, and they are counted.
 */
export async function estimateMatches(
  db: Queryable,
  registry: SearchParameterRegistry,
  resourceType: string,
  filter: Expression,
): Promise<number> {
  if (isDistributed(db)) return countMatches(db, registry, resourceType, filter);
  const values: unknown[] = [];
  const where = compileExpression(filter, {
    resourceType,
    registry,
    alias: 'r',
    values,
    isDistributed: false,
    byRange: true,
  });
  const { rows } = await db.query<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }>(
    `explain (format json) select from ${tableName(resourceType)} r where not r.deleted and ${where}`,
    values,
  );
  return rows[0]?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0;
}

/** At most `limit` matches within what `permitted` lets the caller see. */
export async function findIds(
  db: Queryable,
  registry: SearchParameterRegistry,
  resourceType: string,
  filter: Expression,
  permitted: Expression,
  limit: number,
): Promise<StoredVersion[]> {
  const all = and(filter, permitted);
  const page = await searchPage(db, { registry, resourceType, filter: all, sort: [], count: limit });
  return [...page.versions];
}
