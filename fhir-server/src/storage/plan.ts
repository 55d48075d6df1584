/** Which statements have the same plan for all values, and where each kind runs. */
import type { Queryable } from '../db/index.ts';
import type { Expression } from '../search/index.ts';
import { statement } from './statement.ts';

/**
 * `short`: an index leads to few rows, whatever the values. `steady`: always the same index, to rows that may be many.
 * `open-ended`: it depends on the values.
 */
export type Plan = 'short' | 'steady' | 'open-ended';

export const planOf = (filter: Expression): Plan =>
  isSelective(filter) ? 'short' : isByStart(filter) ? 'steady' : 'open-ended';

/** Without a name each is planned for its values. */
export function runByPlan<R extends object>(
  db: Queryable,
  text: string,
  values: unknown[],
  plan: Plan,
): Promise<{ readonly rows: R[] }> {
  if (plan === 'open-ended') return (db.openEnded ?? db).query<R>(text, values);
  return (plan === 'short' ? db : (db.steady ?? db)).query<R>(statement(text, values));
}

/** Letters of a text that are enough to lead to few of all names. */
const START_LENGTH_MIN = 3;

/** Nothing but the start of a text: found in one index whatever it is, and read whole since no index has the page's order. */
function isByStart(filter: Expression): boolean {
  const [only, ...others] = soughtParts(filter);
  return only !== undefined && others.length === 0 && isStart(only);
}

const isStart = (filter: Expression): boolean =>
  filter.kind === 'string' &&
  (filter.match === 'start' || filter.match === 'exact' || filter.match === 'equal') &&
  filter.value.length >= START_LENGTH_MIN;

/** What a conjunction seeks by, without what only looks at each row that was found: exclusions, and the Patient's relation. */
export const soughtParts = (filter: Expression): readonly Expression[] =>
  (filter.kind === 'and' ? filter.of : [filter]).filter((part) => !isLook(part));

const isLook = (part: Expression): boolean =>
  part.kind === 'not' || part.kind === 'ofPatient' || (part.kind === 'or' && part.of.some(isLookWithin));

const isLookWithin = (part: Expression): boolean =>
  isLook(part) || (part.kind === 'and' && part.of.some(isLook));

/** Kinds of index keys that few resources share: compartments, references, typed identifiers. */
const SELECTIVE_KEY = /^[cro]\n|^[tT]\nidentifier\n/;

/** Whether an index leads to few rows, so that the statement is short whatever else it asks. */
export function isSelective(filter: Expression): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.of.some(isSelective);
    case 'or':
      return filter.of.every(isSelective);
    case 'id':
    case 'link':
      return true;
    case 'key':
      return filter.keys.every((key) => SELECTIVE_KEY.test(key));
    default:
      return false;
  }
}
