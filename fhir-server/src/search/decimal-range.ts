/** Decimals of a search and the range that their precision implies. https://hl7.org/fhir/R4/search.html#number */
import type { Comparison, Prefix } from './expression.ts';

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;
/** A tenth of the value, as R4 proposes for `ap`. */
const APPROXIMATION = 0.1;

/**
 * `100` means [99.5, 100.5) and `100.00` means [99.995, 100.005) for eq and ne; ordering prefixes compare with the
 * exact value. `1e2` means [50, 150), by R4's rule of significant figures; its own example [95, 105) contradicts the
 * rule. `scale` takes the bounds to the unit of what they are compared with, before the exclusive one is made inclusive.
 * Undefined for what is not a decimal, or not a finite one.
 */
export function decimalComparison(
  prefix: Prefix,
  text: string,
  scale: (bound: number) => number = (bound) => bound,
): Comparison | undefined {
  const found = DECIMAL.exec(text);
  if (!found) return undefined;
  const [, sign, whole, fraction = '', exponent = '0'] = found;
  const value = Number(text);
  if (!Number.isFinite(value)) return undefined;
  if (prefix === 'ap') {
    const gap = Math.abs(value) * APPROXIMATION;
    return { prefix, low: scale(decimal(value - gap)), high: scale(decimal(value + gap)) };
  }
  if (prefix !== 'eq' && prefix !== 'ne') return { prefix, low: scale(value), high: scale(value) };
  // In tenths of the last digit, so that the bounds are rounded once and not by float arithmetic.
  const tenths = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`) * 10n;
  const power = Number(exponent) - fraction.length - 1;
  const bound = (of: bigint): number => scale(Number(`${of}e${power}`));
  return { prefix, low: bound(tenths - 5n), high: below(bound(tenths + 5n)) };
}

/** Digits that every decimal keeps as a double: 0.7 less a tenth is 0.63 again. */
const decimal = (value: number): number => Number(value.toPrecision(15));

const float = new Float64Array(1);
const bits = new BigInt64Array(float.buffer);

/** The greatest double less than `value`: turns an exclusive bound into an inclusive one. */
function below(value: number): number {
  if (value === 0) return -Number.MIN_VALUE;
  float[0] = value;
  bits[0]! += value > 0 ? -1n : 1n;
  return float[0];
}
