/** The prefixes as predicates on ranges. https://hl7.org/fhir/R4/search.html#prefix */
import type { Comparison, QuantityUnit } from './expression.ts';
import type { RangeValue } from './index-row.ts';

/** Whether one indexed value passes; storage/search-sql/range.ts says the same in SQL. */
export function passes(value: RangeValue, comparison: Comparison): boolean {
  if (comparison.unit && !hasUnit(value, comparison.unit)) return false;
  const { low, high } = comparison;
  switch (comparison.prefix) {
    case 'eq':
      return value.low >= low && value.high <= high;
    case 'ne':
      return value.low < low || value.high > high;
    case 'gt':
      return value.high > high;
    case 'lt':
      return value.low < low;
    case 'ge':
      return value.high > high || (value.low >= low && value.high <= high);
    case 'le':
      return value.low < low || (value.low >= low && value.high <= high);
    case 'sa':
      return value.low > high;
    case 'eb':
      return value.high < low;
    case 'ap':
      return value.low <= high && value.high >= low;
  }
}

function hasUnit(value: RangeValue, { system, code }: QuantityUnit): boolean {
  return system === undefined
    ? value.code === code || value.unit === code
    : value.system === system && value.code === code;
}
