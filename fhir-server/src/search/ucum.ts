/** Quantities in canonical units, so that 500 mg and 0.5 g are the same. https://ucum.org/ucum */
import { createRequire } from 'node:module';

export const UCUM = 'http://unitsofmeasure.org';

interface BaseUnits {
  readonly status: string;
  readonly magnitude: number | null;
  readonly unitToExp: Readonly<Record<string, number>> | null;
  readonly fromUnitIsSpecial: boolean;
}

interface Library {
  convertToBaseUnits(unit: string, value: number): BaseUnits;
}

interface Conversion {
  readonly unit: string;
  /** Undefined for units such as Cel, which have no common factor. */
  readonly factor: number | undefined;
}

/** Distinct units in use are few; whoever invents many shall not fill the memory. */
const KNOWN_UNITS_MAX = 5_000;
/** Floating point carries more digits than a conversion keeps; what is equal must stay equal. */
const DIGITS = 12;

const known = new Map<string, Conversion | undefined>();
let library: Library | undefined;

/** Loaded with the first quantity: it takes some 40 ms. */
function load(): Library {
  const require = createRequire(import.meta.url);
  const { UcumLhcUtils } = require('@lhncbc/ucum-lhc') as { UcumLhcUtils: { getInstance(): Library } };
  return (library ??= UcumLhcUtils.getInstance());
}

/** Undefined for a code that is not UCUM. */
export function canonicalQuantity(value: number, code: string): { value: number; unit: string } | undefined {
  const conversion = conversionOf(code);
  if (!conversion) return undefined;
  const { unit, factor } = conversion;
  const converted = factor === undefined ? toBase(code, value)?.magnitude : value * factor;
  if (typeof converted !== 'number' || !Number.isFinite(converted)) return undefined;
  return { value: Number(converted.toPrecision(DIGITS)), unit };
}

function conversionOf(code: string): Conversion | undefined {
  if (known.has(code)) return known.get(code);
  const one = toBase(code, 1);
  const conversion =
    one && one.magnitude !== null && one.unitToExp !== null
      ? { unit: unitText(one.unitToExp), factor: isLinear(code, one.magnitude) ? one.magnitude : undefined }
      : undefined;
  if (known.size < KNOWN_UNITS_MAX) known.set(code, conversion);
  return conversion;
}

/** The library calls more units special than those that have an offset or a logarithm. */
const isLinear = (code: string, one: number): boolean => {
  const zero = toBase(code, 0)?.magnitude;
  const ten = toBase(code, 10)?.magnitude;
  return zero === 0 && typeof ten === 'number' && Math.abs(ten - one * 10) <= Math.abs(one) * 1e-9;
};

function toBase(code: string, value: number): BaseUnits | undefined {
  const found = load().convertToBaseUnits(code, value);
  return found.status === 'succeeded' ? found : undefined;
}

/** `g.m-3`; `1` for what has no dimension. */
function unitText(exponents: Readonly<Record<string, number>>): string {
  const parts = Object.entries(exponents)
    .filter(([, exponent]) => exponent !== 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([unit, exponent]) => (exponent === 1 ? unit : `${unit}${exponent}`));
  return parts.length === 0 ? '1' : parts.join('.');
}
