/** Chains that lead through few resources become conditions on those: a key beside others in the same index. */
import { isDistributed, type Queryable } from '../db/index.ts';
import {
  and,
  type Expression,
  isDirect,
  NONE,
  referenceKey,
  type SearchParameterRegistry,
} from '../search/index.ts';
import { compileExpression, linkOf, tableName } from './search-sql/index.ts';
import { planOf, runByPlan } from './plan.ts';

/** More targets than this are better met in one statement. */
const TARGETS_MAX = 50;

type Chain = Expression & { readonly kind: 'chain' };

/** Whether the whole filter depends on a chain, so that knowing its targets helps. */
export const hasChain = (filter: Expression): boolean =>
  partsOf(filter).some((part) => part.kind === 'chain');

/**
 * The same filter as of the snapshot of `db`, in which the search must run too: between the statements of other
 * transactions there could be a write. The filter must be resolved, with the access filters of the chains in it.
 */
export async function narrowChains(
  db: Queryable,
  registry: SearchParameterRegistry,
  resourceType: string,
  filter: Expression,
): Promise<Expression> {
  if (!hasChain(filter)) return filter;
  const parts = await Promise.all(
    partsOf(filter).map(async (part) =>
      part.kind === 'chain' ? narrowChain(db, registry, resourceType, part) : part,
    ),
  );
  return and(...parts);
}

const partsOf = (filter: Expression): readonly Expression[] => (filter.kind === 'and' ? filter.of : [filter]);

async function narrowChain(
  db: Queryable,
  registry: SearchParameterRegistry,
  resourceType: string,
  chain: Chain,
): Promise<Expression> {
  const { param, targetType } = chain;
  const of = await narrowChains(db, registry, targetType, chain.of);
  if (of.kind === 'none') return NONE;
  if (!isDirect(of)) return { ...chain, of };
  const values: unknown[] = [];
  const plan = planOf(of);
  const byRange = plan === 'open-ended';
  const condition = compileExpression(of, {
    resourceType: targetType,
    registry,
    alias: 't',
    values,
    isDistributed: isDistributed(db),
    byRange,
  });
  const limit = `$${values.push(TARGETS_MAX + 1)}::bigint`;
  const text = `select t.id from ${tableName(targetType)} t where not t.deleted and ${condition} limit ${limit}`;
  const { rows } = await runByPlan<{ id: string }>(db, text, values, plan);
  if (rows.length > TARGETS_MAX) return { ...chain, of };
  const ids = rows.map((row) => row.id);
  if (ids.length === 0) return NONE;
  const link = linkOf(registry, resourceType, param, targetType);
  return link === undefined
    ? { kind: 'key', keys: ids.map((id) => referenceKey(param, `${targetType}/${id}`)) }
    : { kind: 'link', link, ids };
}
