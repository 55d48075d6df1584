/** IndexRow → what the columns of the type's table and its string table hold. */
import type { IndexRow, RangeValue } from '../../search/index.ts';
import { hashKey } from './key-hash.ts';

export interface EncodedRange {
  readonly low: number;
  readonly high: number;
  /** JSON text, or null when there is exactly one value. */
  readonly more: string | null;
}

export interface EncodedIndexRow {
  /** A uuid[] literal. */
  readonly keys: string;
  /** By parameter code; a parameter without values is absent and its columns are null. */
  readonly ranges: Readonly<Record<string, EncodedRange>>;
  readonly strings: IndexRow['strings'];
}

export function encodeIndexRow(row: IndexRow): EncodedIndexRow {
  const ranges: Record<string, EncodedRange> = {};
  for (const [param, values] of Object.entries(row.ranges))
    if (values.length > 0) ranges[param] = encodeRange(values);
  return { keys: `{${row.keys.map(hashKey).join(',')}}`, ranges, strings: row.strings };
}

function encodeRange(values: readonly RangeValue[]): EncodedRange {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value.low < low) low = value.low;
    if (value.high > high) high = value.high;
  }
  const tuples = values.map((v) => [v.low, v.high, v.system ?? null, v.code ?? null, v.unit ?? null]);
  return { low, high, more: values.length === 1 ? null : JSON.stringify(tuples) };
}
