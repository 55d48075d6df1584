/** Resources of several types, one type after the other, by id: the order of a whole record. */
import type { Queryable } from '../db/index.ts';
import type { Expression, SearchParameterRegistry } from '../search/index.ts';
import { compileExpression, tableName, type SortValue } from './search-sql/index.ts';
import { searchPage } from './search-resources.ts';
import type { TypedMatch, TypedPage, TypeSearch } from './search-types.ts';
import { statement } from './statement.ts';
import { toStoredVersion, VERSION_COLUMNS, type VersionRow } from './stored-version.ts';

/** At most `count` resources from behind a position on, which is a type and an id. No more types are read than needed. */
export async function walkTypes(
  db: Queryable,
  registry: SearchParameterRegistry,
  searches: readonly TypeSearch[],
  count: number,
  from: readonly SortValue[] | undefined,
): Promise<TypedPage> {
  const [startType, startId] = from ?? [];
  const start = startType === undefined ? 0 : searches.findIndex((s) => s.resourceType === startType);
  const versions: TypedMatch[] = [];
  for (const [i, { resourceType, filter }] of searches.entries()) {
    if (i < start) continue;
    // One more than there is room for, to know whether there is a next page.
    const wanted = count - versions.length;
    const at =
      i === start && startId !== undefined ? { direction: 'next' as const, values: [startId] } : undefined;
    const page = await searchPage(db, {
      registry,
      resourceType,
      filter,
      sort: [],
      count: Math.max(wanted, 1),
      from: at,
    });
    if (wanted <= 0 && page.versions.length > 0) return { versions, next: positionOf(versions.at(-1), from) };
    versions.push(...page.versions.map((v) => ({ resourceType, ...v })));
    if (page.next) return { versions, next: positionOf(versions.at(-1), from) };
  }
  return { versions };
}

const positionOf = (
  last: TypedMatch | undefined,
  from: readonly SortValue[] | undefined,
): readonly SortValue[] => (last ? [last.resourceType, last.id] : (from ?? ['', '']));

export interface IdSet {
  /** Its table must exist. */
  readonly resourceType: string;
  readonly ids: readonly string[];
  readonly filter: Expression;
}

/** Current resources by id, of several types in one statement. */
export async function readSets(
  db: Queryable,
  registry: SearchParameterRegistry,
  sets: readonly IdSet[],
): Promise<TypedMatch[]> {
  if (sets.length === 0) return [];
  const values: unknown[] = [];
  const branches = sets.map(({ resourceType, ids, filter }) => {
    const wanted = `r.id = any($${values.push(ids)}::text[])`;
    const permitted = compileExpression(filter, { resourceType, registry, alias: 'r', values });
    return `select '${resourceType}'::text as type, ${VERSION_COLUMNS} from ${tableName(resourceType)} r where ${wanted} and not r.deleted and ${permitted}`;
  });
  const { rows } = await db.query<VersionRow & { readonly type: string }>(
    statement(branches.join('\nunion all\n'), values),
  );
  return rows.map((row) => ({ resourceType: row.type, ...toStoredVersion(row) }));
}
