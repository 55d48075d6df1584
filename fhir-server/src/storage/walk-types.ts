/** Resources of several types, one type after the other, by id: the order of a whole record. */
import { isDistributed, type Queryable } from '../db/index.ts';
import type { Expression, SearchParameterRegistry } from '../search/index.ts';
import { compileExpression, tableName, type SortValue } from './search-sql/index.ts';
import { isSelective, runByPlan } from './plan.ts';
import type { TypedMatch, TypedPage, TypeSearch } from './search-types.ts';
import { statement } from './statement.ts';
import { toStoredVersion, VERSION_COLUMNS, type VersionRow } from './stored-version.ts';

/**
 * At most `count` resources from behind a position on, which is a type and an id. One statement for all types, whose text is
 * the same wherever the walk stands. PostgreSQL goes through the branches in their order and only as far as it has to: a
 * branch with a limit is never run by parallel workers.
 */
export async function walkTypes(
  db: Queryable,
  registry: SearchParameterRegistry,
  searches: readonly TypeSearch[],
  count: number,
  from: readonly SortValue[] | undefined,
): Promise<TypedPage> {
  if (searches.length === 0) return { versions: [] };
  const [type, id] = from ?? [];
  const start = searches.findIndex((s) => s.resourceType === type);
  // One more than there is room for, to know whether there is a next page.
  const values: unknown[] = [Math.max(start, 0), start < 0 ? '' : (id ?? ''), count + 1];
  const branches = searches.map((search, i) => branch(db, search, i, registry, values));
  const text = `select * from (${branches.join('\nunion all\n')}) w limit $3::bigint`;
  const isShort = searches.every(({ filter }) => isSelective(filter));
  const plan = isShort ? 'steady' : 'open-ended';
  const { rows } = await runByPlan<VersionRow & { readonly type: string }>(db, text, values, plan);
  const versions = rows.slice(0, count).map((row) => ({ resourceType: row.type, ...toStoredVersion(row) }));
  if (rows.length <= count) return { versions };
  const last = versions.at(-1);
  return { versions, next: last ? [last.resourceType, last.id] : (from ?? ['', '']) };
}

/** By an expression that no index has: the matches are few, and an index by id would lead past all others. */
const BY_ID = `(r.id || '')`;

/** `$1` is the number of the type where the walk starts, `$2` the id behind which, `$3` how many are wanted. */
function branch(
  db: Queryable,
  { resourceType, filter }: TypeSearch,
  place: number,
  registry: SearchParameterRegistry,
  values: unknown[],
): string {
  const wanted = compileExpression(filter, {
    resourceType,
    registry,
    alias: 'r',
    values,
    isDistributed: isDistributed(db),
  });
  const behind = `$1::int <= ${place} and ${BY_ID} > case when $1::int = ${place} then $2::text else '' end`;
  return `(select '${resourceType}'::text as type, ${VERSION_COLUMNS} from ${tableName(resourceType)} r
    where not r.deleted and ${wanted} and ${behind} order by ${BY_ID} limit $3::bigint)`;
}

export interface IdSet {
  /** Its table must exist. */
  readonly resourceType: string;
  readonly ids: readonly string[];
  readonly filter: Expression;
}

/** Current resources by id, of several types in one statement; at most `limit`. */
export async function readSets(
  db: Queryable,
  registry: SearchParameterRegistry,
  sets: readonly IdSet[],
  limit?: number,
): Promise<TypedMatch[]> {
  if (sets.length === 0) return [];
  const values: unknown[] = [];
  const branches = sets.map(({ resourceType, ids, filter }) => {
    const among = `any($${values.push(ids)}::text[])`;
    const rows = { alias: 'r', among: (id: string) => `${id} = ${among}` };
    const permitted = compileExpression(filter, {
      resourceType,
      registry,
      alias: 'r',
      values,
      isDistributed: isDistributed(db),
      rows,
    });
    return `select '${resourceType}'::text as type, ${VERSION_COLUMNS} from ${tableName(resourceType)} r where r.id = ${among} and not r.deleted and ${permitted}`;
  });
  const all = branches.join('\nunion all\n');
  const text = limit === undefined ? all : `${all} limit $${values.push(limit)}::bigint`;
  const { rows } = await db.query<VersionRow & { readonly type: string }>(statement(text, values));
  return rows.map((row) => ({ resourceType: row.type, ...toStoredVersion(row) }));
}
