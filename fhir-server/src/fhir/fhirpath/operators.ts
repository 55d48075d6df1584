/** Comparison and arithmetic of FHIRPath. https://hl7.org/fhirpath/N1/#operations */
import { EvaluationError } from './truth.ts';
import { type Collection, EMPTY, equal, order, valueOf } from './item.ts';
import type { Operator } from './parse.ts';

type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

export function compareAll(op: Comparison, a: Collection, b: Collection): boolean | undefined {
  if (a.length === 0 || b.length === 0) return undefined;
  if (op === '=' || op === '!=') {
    const isEqual = a.length === b.length && a.every((item, i) => equal(item, b[i]));
    return isEqual === (op === '=');
  }
  if (a.length > 1 || b.length > 1) throw new EvaluationError(`${op}: one item is expected`);
  const found = order(a[0], b[0]);
  if (found === undefined) return undefined;
  switch (op) {
    case '<':
      return found < 0;
    case '<=':
      return found <= 0;
    case '>':
      return found > 0;
    case '>=':
      return found >= 0;
  }
}

type Arithmetic = Extract<Operator, '+' | '-' | '*' | '/' | '&' | 'div' | 'mod'>;

const NUMERIC: Readonly<Record<Exclude<Arithmetic, '&'>, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  div: (a, b) => Math.trunc(a / b),
  mod: (a, b) => a % b,
};

/** Decimals are exact in FHIRPath: 1.8 - 1.2 is 0.6. */
const DIGITS = 15;

export function arithmetic(op: Arithmetic, a: Collection, b: Collection): Collection {
  if (a.length > 1 || b.length > 1) throw new EvaluationError(`${op}: one item is expected`);
  const [left, right] = [valueOf(a[0]), valueOf(b[0])];
  if (op === '&') return [`${asText(left)}${asText(right)}`];
  if (left === undefined || right === undefined) return EMPTY;
  if (typeof left === 'number' && typeof right === 'number') {
    const result = NUMERIC[op](left, right);
    // Division by zero is empty.
    return Number.isFinite(result) ? [Number(result.toPrecision(DIGITS))] : EMPTY;
  }
  if (op === '+' && typeof left === 'string' && typeof right === 'string') return [left + right];
  throw new EvaluationError(`${op}: these types do not go together`);
}

const asText = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
