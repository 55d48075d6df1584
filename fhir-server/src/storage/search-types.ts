/** Search of several types at once, in one order. https://hl7.org/fhir/R4/http.html#search */
import { isDistributed, type Queryable } from '../db/index.ts';
import type { Expression, SearchParameterRegistry, SortKey } from '../search/index.ts';
import {
  afterCursor,
  compileExpression,
  compileSort,
  selected,
  tableName,
  type SortValue,
} from './search-sql/index.ts';
import type { PagePosition } from './search-resources.ts';
import { statement } from './statement.ts';
import { toStoredVersion, VERSION_COLUMNS, type StoredVersion, type VersionRow } from './stored-version.ts';

export interface TypeSearch {
  /** Its table must exist. */
  readonly resourceType: string;
  readonly filter: Expression;
  readonly sort: readonly SortKey[];
}

export interface TypedMatch extends StoredVersion {
  readonly resourceType: string;
}

export interface TypedPage {
  readonly versions: readonly TypedMatch[];
  /** Sort values and, at the end, the type of the last row, when there are more behind it. */
  readonly next?: readonly SortValue[];
  readonly previous?: readonly SortValue[];
}

type SortRow = VersionRow & { readonly type: string } & Record<`s${number}`, SortValue>;

/** One page over all types, ordered by the sort keys (of the same kinds for each type), then id, then type. */
export async function searchTypes(
  db: Queryable,
  registry: SearchParameterRegistry,
  searches: readonly TypeSearch[],
  count: number,
  from?: PagePosition,
): Promise<TypedPage> {
  const [first] = searches;
  if (!first) return { versions: [] };
  const backwards = from?.direction === 'previous';
  const values: unknown[] = [];
  const limit = `$${values.push(count + 1)}::bigint`;
  const branches = searches.map((search) => branch(db, search, registry, values, limit, from));
  const keys = compileSort(first.sort, {
    resourceType: first.resourceType,
    alias: 'r',
    backwards,
    isDistributed: isDistributed(db),
  });
  const order = keys.directions.map((direction, i) => `s${i}${direction}`).join(', ');
  const { rows } = await (db.openEnded ?? db).query<SortRow>(
    statement(
      `select * from (${branches.join('\nunion all\n')}) u order by ${order}, type${backwards ? ' desc' : ''} limit ${limit}`,
      values,
    ),
  );
  const isMore = rows.length > count;
  const page = rows.slice(0, count);
  if (backwards) page.reverse();
  const position = (row: SortRow | undefined, is: boolean): readonly SortValue[] | undefined =>
    is && row ? [...keys.expressions.map((_, i) => row[`s${i}`] ?? null), row.type] : undefined;
  const next = position(page.at(-1), backwards || isMore);
  const previous = position(page[0], backwards ? isMore : from !== undefined);
  const versions = page.map((row) => ({ resourceType: row.type, ...toStoredVersion(row) }));
  return { versions, ...(next && { next }), ...(previous && { previous }) };
}

function branch(
  db: Queryable,
  { resourceType, filter, sort }: TypeSearch,
  registry: SearchParameterRegistry,
  values: unknown[],
  limit: string,
  from: PagePosition | undefined,
): string {
  const context = {
    resourceType,
    registry,
    alias: 'r',
    values,
    isDistributed: isDistributed(db),
    byRange: true,
    backwards: from?.direction === 'previous',
  };
  const matches = `not r.deleted and ${compileExpression(filter, context)}`;
  const after = from && behind(resourceType, sort, from, context);
  const compiled = compileSort(sort, context);
  const { expressions, orderBy } = compiled;
  const columns = [
    `'${resourceType}'::text collate "C" as type`,
    VERSION_COLUMNS,
    ...expressions.map((sql, i) => `${sql} as s${i}`),
  ];
  return `(select ${columns.join(', ')} from ${selected(`${tableName(resourceType)} r`, { matches, after }, compiled)} order by ${orderBy} limit ${limit})`;
}

/** Two resources of different types may have the same id and sort values: then the type decides. */
function behind(
  resourceType: string,
  sort: readonly SortKey[],
  from: PagePosition,
  context: Parameters<typeof afterCursor>[2],
): string {
  const place = from.values.slice(0, -1);
  const type = String(from.values.at(-1));
  const after = afterCursor(sort, place, context);
  const isTieBehind = from.direction === 'next' ? resourceType > type : resourceType < type;
  if (!isTieBehind) return after;
  const ties = compileSort(sort, context).expressions.map((sql, i) =>
    place[i] === null ? `${sql} is null` : `${sql} = $${context.values.push(place[i])}`,
  );
  return `(${after} or (${ties.join(' and ')}))`;
}
