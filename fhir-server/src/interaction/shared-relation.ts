/**
 * A condition that is asked of the same Patient once is enough: what refers to a Patient whom the caller may find belongs to him,
 * so that the relation need not be looked up again for each of his resources.
 */
import { and, type Expression, linkParameter, or, type SearchParameterRegistry } from '../search/index.ts';

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
  const isAsked = askedBy(toPatients);
  return and(...partsOf(right).filter((part) => !isAsked(part)));
}

/** Whether a part is a relation that another right asks in the same words. */
function askedBy(right: Expression): (part: Expression) => boolean {
  const asked = new Set(
    partsOf(right).flatMap((part) => (part.kind === 'ofPatient' ? [JSON.stringify(part)] : [])),
  );
  return (part) => part.kind === 'ofPatient' && asked.size > 0 && asked.has(JSON.stringify(part));
}

/**
 * A right to resources of which most belong to one Patient, whom the caller may read by `toPatients`: the relation is asked of
 * the others alone, who are in his compartment for another reason.
 */
export function withRelationTo(
  { registry }: { readonly registry: SearchParameterRegistry },
  resourceType: string,
  right: Expression,
  toPatients: Expression,
  id: string,
): Expression {
  if (linkParameter(registry, resourceType, 'patient') === undefined) return right;
  const isAsked = askedBy(toPatients);
  const his: Expression = { kind: 'link', link: 'patient', ids: [id] };
  return and(...partsOf(right).map((part) => (isAsked(part) ? or(his, part) : part)));
}

/** Whether the parameter is the one by which resources of the type belong to their Patient. */
export const isOwner = (registry: SearchParameterRegistry, resourceType: string, param: string): boolean =>
  linkParameter(registry, resourceType, 'patient')?.code === param;
