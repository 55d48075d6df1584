/** Several searches of one type in one statement: the first page of each, or how many match each. */
import { isDistributed, type Queryable } from '../db/index.ts';
import type { Expression, SearchParameterRegistry } from '../search/index.ts';
import { pageSql } from './page-sql.ts';
import { isSelective } from './plan.ts';
import { compileExpression, type SortValue, tableName } from './search-sql/index.ts';
import type { Page, PageQuery } from './search-resources.ts';
import { toStoredVersion, type VersionRow } from './stored-version.ts';

type PlacedRow = VersionRow & { readonly place: number } & Record<`s${number}`, SortValue>;

/**
 * Of searches that differ in their filters alone, and whose filters lead to few resources each: those of one parent. The type's
 * table must exist. A branch with a limit is never run by parallel workers, so that rows come in the order of their page.
 */
export async function firstPages(
  db: Queryable,
  { registry, resourceType, sort, count }: Omit<PageQuery, 'filter' | 'from'>,
  filters: readonly Expression[],
): Promise<Page[]> {
  const values: unknown[] = [count + 1];
  const branches = filters.map((filter, place) => {
    const isFenced = isSelective(filter) && sort.length > 0;
    const context = {
      resourceType,
      registry,
      alias: 'r',
      values,
      isDistributed: isDistributed(db),
      isFenced,
    };
    const matches = `not r.deleted and ${compileExpression(filter, context)}`;
    const page = pageSql({ sort, from: undefined, matches, limit: '$1::bigint' }, context);
    return `(select ${place}::int as place, p.* from (${page}) p)`;
  });
  const text = branches.join('\nunion all\n');
  const { rows } = await (db.openEnded ?? db).query<PlacedRow>(text, values);
  const byPlace = Map.groupBy(rows, ({ place }) => place);
  return filters.map((_filter, place): Page => {
    const found = byPlace.get(place) ?? [];
    const page = found.slice(0, count);
    const last = found.length > count ? page.at(-1) : undefined;
    return {
      versions: page.map(toStoredVersion),
      ...(last && { next: [...sort, 'id'].map((_key, i) => last[`s${i}`] ?? null) }),
    };
  });
}

/** How many current versions match each of the filters. The type's table must exist. */
export async function countEach(
  db: Queryable,
  registry: SearchParameterRegistry,
  resourceType: string,
  filters: readonly Expression[],
): Promise<number[]> {
  const values: unknown[] = [];
  const branches = filters.map((filter, place) => {
    const where = compileExpression(filter, {
      resourceType,
      registry,
      alias: 'r',
      values,
      isDistributed: isDistributed(db),
      byRange: true,
    });
    return `select ${place}::int as place, count(*) as count from ${tableName(resourceType)} r where not r.deleted and ${where}`;
  });
  const { rows } = await (db.openEnded ?? db).query<{ place: number; count: number }>(
    branches.join('\nunion all\n'),
    values,
  );
  const counts = new Map(rows.map(({ place, count }) => [place, count]));
  return filters.map((_filter, place) => counts.get(place) ?? 0);
}
