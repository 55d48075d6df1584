/** Table and column names of the search index; all are quoted, none comes from a request. */
import type { SearchParameterRegistry } from '../../search/index.ts';

export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export const stringTable = (resourceType: string): string => `fhir.${quoteName(`${resourceType}_string`)}`;

export interface RangeColumns {
  readonly param: string;
  /** Unquoted. Least low of all values, float8. */
  readonly lowColumn: string;
  /** Greatest high of all values, float8. */
  readonly highColumn: string;
  /** All values as `[[low, high, system, code, unit], …]`, jsonb; null when there is exactly one. */
  readonly moreColumn: string;
}

export const rangeColumnsOf = (param: string): RangeColumns => ({
  param,
  lowColumn: `${param} lo`,
  highColumn: `${param} hi`,
  moreColumn: `${param} more`,
});

const RANGE_TYPES = new Set(['date', 'number', 'quantity']);

/** The columns of a type's table for its date, number and quantity parameters, by parameter code. */
export function rangeColumns(registry: SearchParameterRegistry, resourceType: string): RangeColumns[] {
  return registry
    .list(resourceType)
    .filter((p) => RANGE_TYPES.has(p.type) && p.code !== '_lastUpdated')
    .map((p) => rangeColumnsOf(p.code))
    .sort((a, b) => (a.param < b.param ? -1 : 1));
}
