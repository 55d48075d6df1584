/** The statement of one page of a type: versions, and beside each the values of its sort keys as s0, s1, … */
import type { SortKey } from '../search/index.ts';
import {
  afterCursor,
  compileSort,
  piecesAfterCursor,
  selected,
  type SortContext,
  tableName,
} from './search-sql/index.ts';
import type { PagePosition } from './search-resources.ts';
import { VERSION_COLUMNS } from './stored-version.ts';

export interface PageParts {
  readonly sort: readonly SortKey[];
  readonly from: PagePosition | undefined;
  /** SQL boolean over a row `r`. */
  readonly matches: string;
  /** SQL of the number of rows. */
  readonly limit: string;
}

type PageContext = SortContext & { readonly values: unknown[] };

export function pageSql({ sort, from, matches, limit }: PageParts, context: PageContext): string {
  const table = tableName(context.resourceType);
  const rows = (after?: string): string =>
    select(`${table} r`, { matches, after }, limit, compileSort(sort, context));
  if (from === undefined) return rows();
  const pieces = piecesAfterCursor(sort, from.values, context);
  // Where no index has the order, all matches would be sorted for each piece.
  const [first] = sort;
  const isOrdered = context.isFenced !== true && first?.type === 'range' && (first.of?.length ?? 1) === 1;
  return isOrdered
    ? inTurn(
        pieces.map((piece) => rows(piece)),
        limit,
      )
    : rows(`(${pieces.join(' or ')})`);
}

/**
 * Goes through the values of the first sort key, a string parameter, in their order, and then through the rows without one.
 * Of several values of a resource the least counts, or the greatest when descending.
 */
export function walkStringsSql({ sort, from, matches, limit }: PageParts, context: PageContext): string {
  const { resourceType, backwards = false } = context;
  const [first] = sort as [SortKey];
  const strings = tableName(resourceType, '_string');
  const param = `'${(first.of?.[0] ?? first.param).replaceAll("'", "''")}'`;
  const isEnd = `not exists (select from ${strings} o where o.id = k.id and o.param = ${param}
    and (o.value, o.ctid) ${first.descending ? '>' : '<'} (k.value, k.ctid))`;
  const hasNone = `not exists (select from ${strings} o where o.id = r.id and o.param = ${param})`;
  const isAmongNone = from?.values[0] === null;

  const piece = (walk: 'values' | 'none'): string => {
    const of = { ...context, walk };
    const isHere = from !== undefined && isAmongNone === (walk === 'none');
    const where = [
      ...(walk === 'values' ? [`k.param = ${param}`, isEnd] : [hasNone]),
      matches,
      ...(isHere ? [afterCursor(sort, from.values, of)] : []),
    ].join(' and ');
    const table = `${tableName(resourceType)} r`;
    const source = walk === 'values' ? `${strings} k join ${table} on r.id = k.id` : table;
    return select(source, { matches: where }, limit, compileSort(sort, of));
  };

  // What lies on the other side of the cursor is not looked at.
  const values = from !== undefined && isAmongNone && !backwards ? [] : [piece('values')];
  const none = from !== undefined && !isAmongNone && backwards ? [] : [piece('none')];
  return inTurn(backwards ? [...none, ...values] : [...values, ...none], limit);
}

const select = (
  source: string,
  where: Parameters<typeof selected>[1],
  limit: string,
  sort: ReturnType<typeof compileSort>,
): string => {
  const { expressions, orderBy } = sort;
  return `select ${VERSION_COLUMNS}, ${expressions.map((sql, i) => `${sql} as s${i}`).join(', ')}
    from ${selected(source, where, sort)} order by ${orderBy} limit ${limit}`;
};

/**
 * Pieces one after the other, each in its order. PostgreSQL goes on to the next only when the one before has too few: a
 * branch with a limit is never run by parallel workers.
 */
const inTurn = (pieces: readonly string[], limit: string): string =>
  pieces.length === 1
    ? pieces[0]!
    : `select * from (${pieces.map((piece) => `(${piece})`).join(' union all ')}) w limit ${limit}`;
