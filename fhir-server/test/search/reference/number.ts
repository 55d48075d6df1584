/** Numbers and quantities: https://hl7.org/fhir/R4/search.html#number and #quantity */
import { createRequire } from 'node:module';
import type { Quantity } from '@medplum/fhirtypes';
import { PREFIX } from './date.ts';
import type { Node } from './select.ts';
import { split, unescape } from './split.ts';

const UCUM = 'http://unitsofmeasure.org';

interface Converted {
  readonly status: string;
  readonly magnitude?: number;
  readonly unitToExp?: Readonly<Record<string, number>>;
}

const require = createRequire(import.meta.url);
const ucum = (
  require('@lhncbc/ucum-lhc') as {
    UcumLhcUtils: { getInstance(): { convertToBaseUnits(unit: string, value: number): Converted } };
  }
).UcumLhcUtils.getInstance();

/** What is stored, both ends included; an open end is infinite. */
interface Range {
  readonly low: number;
  readonly high: number;
}

/** Fourteen digits are compared, so that 0.1 + 0.05 is 0.15. */
const round = (x: number): number => (Number.isFinite(x) ? Number(x.toPrecision(14)) : x);

interface SearchNumber {
  readonly prefix: string;
  readonly value: number;
  /** Half of the last digit given: 0.5 for `100`, 0.005 for `1.00`. */
  readonly half: number;
}

export function searchNumber(text: string): SearchNumber {
  const prefix = PREFIX.exec(text)?.[0] ?? 'eq';
  const digits = text.replace(PREFIX, '');
  const [mantissa = '', exponent = '0'] = digits.toLowerCase().split('e');
  const decimals = mantissa.split('.')[1]?.length ?? 0;
  return { prefix, value: Number(digits), half: 0.5 * 10 ** (Number(exponent) - decimals) };
}

/** `scale` turns a number of the search into the unit of what is stored. */
function compareNumbers(search: SearchNumber, storedAs: Range, scale: (x: number) => number): boolean {
  const { value, half } = search;
  const at = (x: number): number => round(scale(round(x)));
  const stored = { low: round(storedAs.low), high: round(storedAs.high) };
  const exact = at(value);
  const contained = stored.low >= at(value - half) && stored.high < at(value + half);
  const same = stored.low === exact && stored.high === exact;
  const slack = Math.abs(value) / 10;
  switch (search.prefix) {
    case 'ne':
      return !contained;
    case 'gt':
      return stored.high > exact;
    case 'lt':
      return stored.low < exact;
    case 'ge':
      return stored.high > exact || same;
    case 'le':
      return stored.low < exact || same;
    case 'sa':
      return stored.low > exact;
    case 'eb':
      return stored.high < exact;
    case 'ap':
      return stored.high >= at(value - slack) && stored.low <= at(value + slack);
    default:
      return contained;
  }
}

function storedRange({ value, comparator }: Quantity): Range | undefined {
  if (value === undefined) return undefined;
  return {
    low: comparator === '<' || comparator === '<=' ? -Infinity : value,
    high: comparator === '>' || comparator === '>=' ? Infinity : value,
  };
}

/** The ends of a node as quantities, so that one piece of code serves numbers, quantities and ranges. */
function storedEnds({ type, value }: Node): { unit: Quantity; range: Range } | undefined {
  if (typeof value === 'number') return { unit: {}, range: { low: value, high: value } };
  if (type === 'Range') {
    const { low, high } = value as { low?: Quantity; high?: Quantity };
    return {
      unit: low ?? high ?? {},
      range: { low: low?.value ?? -Infinity, high: high?.value ?? Infinity },
    };
  }
  const range = storedRange(value as Quantity);
  return range && { unit: value as Quantity, range };
}

export function numberMatches(node: Node, text: string): boolean {
  const stored = storedEnds(node);
  return stored !== undefined && compareNumbers(searchNumber(text), stored.range, (x) => x);
}

interface InBaseUnits {
  readonly value: number;
  readonly base: string;
}

const converted = new Map<string, InBaseUnits | undefined>();

/** A number of this unit in base units, and which these are; undefined for what is not UCUM. */
function inBaseUnits(value: number, code: string): InBaseUnits | undefined {
  const key = `${value} ${code}`;
  if (!converted.has(key)) converted.set(key, convert(value, code));
  return converted.get(key);
}

function convert(value: number, code: string): InBaseUnits | undefined {
  const finite = Number.isFinite(value) ? value : 1;
  const { status, magnitude, unitToExp = {} } = ucum.convertToBaseUnits(code, finite);
  if (status !== 'succeeded' || magnitude === undefined) return undefined;
  const base = Object.entries(unitToExp).map(([unit, power]) => `${unit}${power}`);
  return { value: Number.isFinite(value) ? magnitude : value, base: base.sort().join('.') };
}

/** `number`, `number|system|code` or `number||code`. */
export function quantityMatches(node: Node, text: string): boolean {
  const [number = '', system = '', code = ''] = split(text, '|').map(unescape);
  const stored = storedEnds(node);
  if (stored === undefined) return false;
  const { unit, range } = stored;
  const search = searchNumber(number);
  const raw = (): boolean => compareNumbers(search, range, (x) => x);
  if (system === '' && code === '') return raw();
  if (system === '') return (unit.code === code || unit.unit === code) && raw();
  if (system !== UCUM) return unit.system === system && (code === '' || unit.code === code) && raw();
  if (unit.system !== UCUM || unit.code === undefined) return false;
  const low = inBaseUnits(range.low, unit.code);
  const high = inBaseUnits(range.high, unit.code);
  const wanted = inBaseUnits(1, code);
  if (low === undefined || high === undefined || wanted?.base !== low.base) return false;
  const scale = (x: number): number => inBaseUnits(x, code)!.value;
  return compareNumbers(search, { low: low.value, high: high.value }, scale);
}
