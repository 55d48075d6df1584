/** Evaluates an expression in memory: access decisions on one resource, and subscription criteria. */
import { passes } from './compare-range.ts';
import type { Expression } from './expression.ts';
import type { IndexRow } from './index-row.ts';

export interface Candidate {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly lastUpdated: number;
  readonly index: IndexRow;
}

/** Gives the same answer as the SQL of storage/search-sql for the same expression and resource. */
export function matches(expression: Expression, candidate: Candidate): boolean {
  const { index } = candidate;
  switch (expression.kind) {
    case 'all':
      return true;
    case 'none':
      return false;
    case 'and':
      return expression.of.every((e) => matches(e, candidate));
    case 'or':
      return expression.of.some((e) => matches(e, candidate));
    case 'not':
      return !matches(expression.of, candidate);
    case 'id':
      return expression.ids.includes(candidate.id);
    case 'key':
      return expression.keys.some((key) => index.keys.includes(key));
    case 'string':
      return index.strings.some((s) => s.param === expression.param && s.value.startsWith(expression.value));
    case 'range':
      return (index.ranges[expression.param] ?? []).some((value) => passes(value, expression.comparison));
    case 'lastUpdated':
      return passes({ low: candidate.lastUpdated, high: candidate.lastUpdated }, expression.comparison);
  }
}
