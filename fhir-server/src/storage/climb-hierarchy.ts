/** Hierarchies where tables are distributed: step by step, since Citus has no recursive queries over several shards. */
import { isDistributed, type Queryable } from '../db/index.ts';
import { FhirError, issue } from '../fhir/outcome.ts';
import { type Expression, referenceKey, type SearchParameterRegistry } from '../search/index.ts';
import { hashKey, linkOf, referenceKeySql, tableName } from './search-sql/index.ts';
import { statement } from './statement.ts';

/** All are sent with the search as values. */
const FOUND_MAX = 10_000;

type Hierarchy = Expression & { readonly kind: 'hierarchy' };

/**
 * References to what is found now, above or below; the hierarchy itself where the search may climb it in SQL. Throws 400 for
 * too large a one. The types' tables must exist.
 */
export async function climbHierarchy(
  db: Queryable,
  registry: SearchParameterRegistry,
  resourceType: string,
  hierarchy: Hierarchy,
): Promise<Expression> {
  if (!isDistributed(db)) return hierarchy;
  const { param, targetType, id } = hierarchy;
  // A loop of parents ends by itself, since what was found is not asked again.
  const found = new Set([id]);
  for (let step = [id]; step.length > 0;) {
    step = (await nextStep(db, hierarchy, step)).filter((next) => !found.has(next));
    for (const next of step) found.add(next);
    if (found.size > FOUND_MAX)
      throw new FhirError(400, [
        issue('too-costly', `More than ${FOUND_MAX} resources are ${hierarchy.relation} ${targetType}/${id}`),
      ]);
  }
  const link = linkOf(registry, resourceType, param, targetType);
  return link === undefined
    ? { kind: 'key', keys: [...found].map((target) => referenceKey(param, `${targetType}/${target}`)) }
    : { kind: 'link', link, ids: [...found] };
}

async function nextStep(
  db: Queryable,
  { targetType, parent, relation }: Hierarchy,
  ids: readonly string[],
): Promise<string[]> {
  const table = tableName(targetType);
  const config =
    relation === 'below'
      ? statement(`select t.id from ${table} t where not t.deleted and t.keys && $1::uuid[]`, [
          ids.map((id) => hashKey(referenceKey(parent, `${targetType}/${id}`))),
        ])
      : statement(
          `select t.id from ${table} t where not t.deleted and ${referenceKeySql(parent, targetType, 't.id')} in (
             select k.key from ${table} p cross join unnest(p.keys) k (key) where p.id = any($1::text[]) and not p.deleted)`,
          [ids],
        );
  const { rows } = await (db.openEnded ?? db).query<{ id: string }>(config);
  return rows.map(({ id }) => id);
}
