/** Rights without the question for Consents, where it is known that none denies anything. */
import { and, type Expression, NONE, not, or } from '../search/index.ts';
import type { Server } from './server.ts';

/** Rights are remembered for as long as whose they are is known, and so is what is left of them. */
const undenied = new WeakMap<Expression, Expression>();

function withoutDissent(right: Expression): Expression {
  let rest = undenied.get(right);
  if (!rest) undenied.set(right, (rest = without(right)));
  return rest;
}

function without(right: Expression): Expression {
  switch (right.kind) {
    case 'dissent':
      return NONE;
    case 'and':
      return and(...right.of.map(without));
    case 'or':
      return or(...right.of.map(without));
    case 'not':
      return not(without(right.of));
    default:
      return right;
  }
}

/** The same right where nobody has denied anything. */
export const whereNobodyDenies = ({ denials }: Server, right: Expression): Expression =>
  denials?.patients?.size === 0 ? withoutDissent(right) : right;

/** The same right to what a search is to find, where it asks for resources of Patients who have denied nothing. */
export function whereTheyDenyNothing({ denials }: Server, sought: Expression, right: Expression): Expression {
  const patients = denials?.patients;
  if (patients === undefined) return right;
  const parts = sought.kind === 'and' ? sought.of : [sought];
  const isWithout = parts.some(
    (part) => part.kind === 'link' && part.link === 'patient' && !part.ids.some((id) => patients.has(id)),
  );
  return isWithout ? withoutDissent(right) : right;
}
