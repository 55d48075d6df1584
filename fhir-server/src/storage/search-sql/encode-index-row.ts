/** IndexRow → what the columns of the type's table and its string table hold. */
import type { ElementRow, IndexRow, LinkName, RangeValue } from '../../search/index.ts';
import { hashKey } from './key-hash.ts';

/**
 * A date without a time, in milliseconds. What is no wider is found by two bounds on its low end alone; periods are few,
 * and an index of their own holds them.
 */
export const SINGLE_WIDTH_MAX = 86_400_000 - 1;

export interface EncodedRange {
  readonly low: number;
  readonly high: number;
  /** JSON text of all values, or null when there is exactly one that is no wider than SINGLE_WIDTH_MAX. */
  readonly more: string | null;
}

export interface EncodedIndexRow {
  /** A uuid[] literal. */
  readonly keys: string;
  /** By parameter code; a parameter without values is absent and its columns are null. */
  readonly ranges: Readonly<Record<string, EncodedRange>>;
  readonly links: Readonly<Partial<Record<LinkName, string>>>;
  readonly strings: IndexRow['strings'];
  /** JSON text, or null when no composite parameter has elements. */
  readonly elements: string | null;
}

export function encodeIndexRow(row: IndexRow): EncodedIndexRow {
  const ranges: Record<string, EncodedRange> = {};
  for (const param in row.ranges) {
    const values = row.ranges[param]!;
    if (values.length > 0) ranges[param] = encodeRange(values);
  }
  return {
    keys: `{${row.keys.map(hashKey).join(',')}}`,
    ranges,
    links: row.links,
    strings: row.strings,
    elements: encodeElements(row.elements),
  };
}

function encodeRange(values: readonly RangeValue[]): EncodedRange {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value.low < low) low = value.low;
    if (value.high > high) high = value.high;
  }
  const isSingle = values.length === 1 && high - low <= SINGLE_WIDTH_MAX;
  return { low, high, more: isSingle ? null : JSON.stringify(values.map(tuple)) };
}

const tuple = (v: RangeValue): unknown[] => [v.low, v.high, v.system ?? null, v.code ?? null, v.unit ?? null];

function encodeElements(elements: IndexRow['elements']): string | null {
  const params = Object.entries(elements);
  if (params.length === 0) return null;
  return JSON.stringify(Object.fromEntries(params.map(([param, rows]) => [param, rows.map(encodeElement)])));
}

const encodeElement = ({ keys, strings, ranges }: ElementRow): object => ({
  k: keys.map(hashKey),
  s: strings.map((s) => [s.param, s.value]),
  r: Object.fromEntries(Object.entries(ranges).map(([param, values]) => [param, values.map(tuple)])),
});
