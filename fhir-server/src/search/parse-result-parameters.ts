/** Parameters that shape the result. https://hl7.org/fhir/R4/search.html#return */
import { notSupported } from '../fhir/outcome.ts';
import type { SearchParameterRegistry } from './search-parameter-registry.ts';
import type { SearchRequest, SortKey } from './search-request.ts';
import { badValue } from './search-value.ts';

export interface ResultParameters {
  sort: readonly SortKey[];
  count: number;
  summary: SearchRequest['summary'];
  total: SearchRequest['total'];
}

/** Sort keys of one request; each costs an expression in the SQL. */
const SORT_KEYS_MAX = 10;

interface Context {
  readonly resourceType: string;
  readonly registry: SearchParameterRegistry;
  readonly pageSizeMax: number;
}

type Setter = (result: ResultParameters, value: string, context: Context) => void;

/** By name; each may be given once. */
export const RESULT_PARAMETERS: ReadonlyMap<string, Setter> = new Map<string, Setter>([
  ['_count', (r, value, { pageSizeMax }) => void (r.count = parseCount(value, pageSizeMax))],
  ['_sort', (r, value, context) => void (r.sort = parseSort(value, context))],
  ['_summary', (r, value) => void (r.summary = parseSummary(value))],
  ['_total', (r, value) => void (r.total = parseTotal(value))],
]);

function parseCount(value: string, pageSizeMax: number): number {
  if (!/^\d{1,9}$/.test(value)) throw badValue('_count', 'not a whole number of at least 0');
  return Math.min(Number(value), pageSizeMax);
}

function parseSummary(value: string): SearchRequest['summary'] {
  if (value === 'count' || value === 'false') return value;
  if (['true', 'text', 'data'].includes(value))
    throw notSupported(`Parameter _summary: only count and false are supported, not ${value}.`, '_summary');
  throw badValue('_summary', 'must be count or false');
}

function parseTotal(value: string): SearchRequest['total'] {
  if (value === 'none') return 'none';
  if (value === 'accurate' || value === 'estimate') return 'accurate';
  throw badValue('_total', 'must be none, estimate or accurate');
}

function parseSort(value: string, context: Context): SortKey[] {
  const names = value.split(',');
  if (names.length > SORT_KEYS_MAX) throw badValue('_sort', `more than ${SORT_KEYS_MAX} keys`);
  return names.map((name) => {
    const descending = name.startsWith('-');
    const param = descending ? name.slice(1) : name;
    return { param, type: sortType(param, context), descending };
  });
}

function sortType(param: string, { resourceType, registry }: Context): SortKey['type'] {
  if (param === '_id') return 'id';
  if (param === '_lastUpdated') return 'lastUpdated';
  const parameter = registry.get(resourceType, param);
  if (!parameter) {
    if (registry.isUnsupported(resourceType, param))
      throw notSupported(`Parameter _sort: sorting by ${param} is not supported.`, '_sort');
    throw badValue('_sort', `${resourceType} has no such search parameter`);
  }
  switch (parameter.type) {
    case 'date':
    case 'number':
    case 'quantity':
      return 'range';
    case 'string':
      return 'string';
    case 'token':
    case 'reference':
    case 'uri':
      throw notSupported(
        `Parameter _sort: sorting by ${param}, a ${parameter.type}, is not supported.`,
        '_sort',
      );
  }
}
