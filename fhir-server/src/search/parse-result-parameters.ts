/** Parameters that shape the result. https://hl7.org/fhir/R4/search.html#return */
import { notSupported } from '../fhir/outcome.ts';
import type { HiddenTest } from './filter-context.ts';
import { parseInclude } from './parse-include.ts';
import { parseSort } from './parse-sort.ts';
import type { SearchParameterRegistry } from './search-parameter-registry.ts';
import type { Include, SearchRequest, SortKey } from './search-request.ts';
import { badValue } from './search-value.ts';

export interface ResultParameters {
  sort: readonly SortKey[];
  count: number;
  summary: SearchRequest['summary'];
  total: SearchRequest['total'];
  elements?: readonly string[];
  readonly includes: Include[];
  readonly revincludes: Include[];
}

interface Context {
  readonly resourceType: string;
  readonly registry: SearchParameterRegistry;
  readonly isHidden?: HiddenTest;
  readonly pageSizeMax: number;
}

/** `name` carries the modifier. */
type Setter = (result: ResultParameters, value: string, context: Context, name: string) => void;

/** By name; each may be given once, but for includes. */
export const RESULT_PARAMETERS: ReadonlyMap<string, Setter> = new Map<string, Setter>([
  ['_count', (r, value, { pageSizeMax }) => void (r.count = parseCount(value, pageSizeMax))],
  ['_sort', (r, value, c) => void (r.sort = parseSort(value, c.resourceType, c))],
  ['_summary', (r, value) => void (r.summary = parseSummary(value))],
  ['_total', (r, value) => void (r.total = parseTotal(value))],
  ['_elements', (r, value) => void (r.elements = parseElements(value))],
  ['_include', (r, value, c, name) => void r.includes.push(parseInclude(name, value, c))],
  ['_revinclude', (r, value, c, name) => void r.revincludes.push(parseInclude(name, value, c))],
  ['_contained', (_r, value) => checkContained(value)],
  ['_containedType', (_r, value) => checkContainedType(value)],
]);

/** Those that may be repeated and have a modifier. */
export const REPEATABLE: ReadonlySet<string> = new Set(['_include', '_revinclude']);

function parseCount(value: string, pageSizeMax: number): number {
  if (!/^\d{1,9}$/.test(value)) throw badValue('_count', 'not a whole number of at least 0');
  return Math.min(Number(value), pageSizeMax);
}

const SUMMARIES: readonly SearchRequest['summary'][] = ['true', 'text', 'data', 'count', 'false'];

function parseSummary(value: string): SearchRequest['summary'] {
  const found = SUMMARIES.find((s) => s === value);
  if (found === undefined) throw badValue('_summary', `must be one of ${SUMMARIES.join(', ')}`);
  return found;
}

function parseTotal(value: string): SearchRequest['total'] {
  if (value === 'none' || value === 'accurate' || value === 'estimate') return value;
  throw badValue('_total', 'must be none, estimate or accurate');
}

function parseElements(value: string): string[] {
  const names = value.split(',').map((n) => n.trim());
  if (!names.every((n) => /^[A-Za-z][A-Za-z0-9]{0,63}$/.test(n)))
    throw badValue('_elements', 'must be names of top-level elements, separated by commas');
  return names;
}

/** Contained resources are returned in what contains them; a search does not look into them. */
function checkContained(value: string): void {
  if (value === 'false') return;
  if (value === 'true' || value === 'both')
    throw notSupported(
      'Parameter _contained: contained resources are not searched; only false is supported.',
      '_contained',
    );
  throw badValue('_contained', 'must be true, false or both');
}

function checkContainedType(value: string): void {
  if (value !== 'container' && value !== 'contained')
    throw badValue('_containedType', 'must be container or contained');
}
