/**
 * A condition that is asked of the same Patient once is enough: what refers to a Patient whom the caller may find belongs to him,
 * so that the relation need not be looked up again for each of his resources.
 */
import { and, type Expression, linkParameter, type SearchParameterRegistry } from '../search/index.ts';

const partsOf = (filter: Expression): readonly Expression[] => (filter.kind === 'and' ? filter.of : [filter]);

/** Rights are remembered for as long as whose they are is known, and so is what is left of them. */
const known = new WeakMap<Expression, WeakMap<Expression, Expression>>();

/** A right to resources without the relation that the right to their Patient has in the same words. */
export function withoutRelationOf(right: Expression, toPatients: Expression): Expression {
  let left = known.get(right);
  if (!left) known.set(right, (left = new WeakMap<Expression, Expression>()));
  let rest = left.get(toPatients);
  if (!rest) left.set(toPatients, (rest = without(right, toPatients)));
  return rest;
}

function without(right: Expression, toPatients: Expression): Expression {
  const asked = new Set(
    partsOf(toPatients).flatMap((part) => (part.kind === 'ofPatient' ? [JSON.stringify(part)] : [])),
  );
  if (asked.size === 0) return right;
  return and(
    ...partsOf(right).filter((part) => part.kind !== 'ofPatient' || !asked.has(JSON.stringify(part))),
  );
}

/** Whether the parameter is the one by which resources of the type belong to their Patient. */
export const isOwner = (registry: SearchParameterRegistry, resourceType: string, param: string): boolean =>
  linkParameter(registry, resourceType, 'patient')?.code === param;
