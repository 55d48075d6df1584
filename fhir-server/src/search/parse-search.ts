/** A type and its query string → SearchRequest. https://hl7.org/fhir/R4/search.html */
import type { OperationOutcomeIssue } from '@medplum/fhirtypes';
import { badRequest, issue, notSupported } from '../fhir/outcome.ts';
import { and, type Expression } from './expression.ts';
import type { HiddenTest } from './filter-context.ts';
import { SEARCH_LIMITS, type SearchLimits } from './limits.ts';
import { parseFilter } from './parse-filter.ts';
import { REPEATABLE, RESULT_PARAMETERS, type ResultParameters } from './parse-result-parameters.ts';
import type { SearchParameterRegistry } from './search-parameter-registry.ts';
import type { SearchRequest, SortKey } from './search-request.ts';
import { badValue } from './search-value.ts';

export interface ParseSearchOptions {
  readonly registry: SearchParameterRegistry;
  /** The FHIR base without a trailing slash. */
  readonly baseUrl: string;
  /** Resources per page when the client gives no `_count`. */
  readonly pageSize: number;
  readonly pageSizeMax: number;
  /** Of `Prefer: handling=`: whether an unknown parameter is refused or only warned of. */
  readonly handling: 'strict' | 'lenient';
  /** `ap` on dates widens with the distance to it. */
  readonly now: Date;
  readonly limits?: SearchLimits;
  /** The filter is matched in memory only, for which no stored resource has to be indexed. */
  readonly inMemory?: boolean;
  /** The filter is part of a right, which means the same while the type is indexed anew. */
  readonly isRight?: boolean;
  readonly isHidden?: HiddenTest;
}

/** Content negotiation, which is not the search's business. */
const ELSEWHERE = new Set(['_format', '_pretty']);
/** Parameters of R4 that would change the meaning of the search when ignored. */
const UNSUPPORTED = new Set(['_query', '_score', '_graph', '_maxresults', '_type']);

/** Throws FhirError 400: `invalid` for malformed values, `not-supported` for what the server cannot do. */
export function parseSearch(
  resourceType: string,
  params: URLSearchParams | readonly (readonly [string, string])[],
  options: ParseSearchOptions,
): SearchRequest {
  const pairs = [...params];
  const limits = options.limits ?? SEARCH_LIMITS;
  if (pairs.length > limits.parametersMax)
    throw badRequest(
      `More than ${limits.parametersMax} search parameters.`,
      pairs[limits.parametersMax]![0].slice(0, 64),
    );
  const result: ResultParameters = {
    sort: [],
    count: Math.min(options.pageSize, options.pageSizeMax),
    summary: 'false',
    total: 'none',
    includes: [],
    revincludes: [],
  };
  const context = { ...options, now: options.now.getTime(), limits };
  const filters: Expression[] = [];
  const understood: (readonly [string, string])[] = [];
  const warnings: OperationOutcomeIssue[] = [];
  for (const [name, value] of pairs) {
    if (ELSEWHERE.has(name)) continue;
    checkPair(name, value);
    const [base = ''] = name.split(':');
    const set = RESULT_PARAMETERS.get(base);
    const filter = set ? undefined : parseFilter(resourceType, name, value, context);
    if (set) {
      if (!REPEATABLE.has(base)) checkOnce(base, name, understood);
      set(result, value, { ...options, resourceType }, name);
    } else if (filter) filters.push(filter);
    else {
      warnings.push(unknownParameter(resourceType, name, options.handling));
      continue;
    }
    understood.push([name, value]);
  }
  // https://hl7.org/fhir/R4/search.html#summary
  if (result.summary === 'text' && result.includes.length + result.revincludes.length > 0)
    throw badRequest('_summary=text cannot be combined with _include or _revinclude.', '_summary');
  const filter = and(...filters);
  if (result.sort.length === 0) result.sort = sortByRank(filter);
  return { resourceType, filter, ...result, understood, warnings };
}

/** Who seeks words and names no order gets the best matches first. */
function sortByRank(filter: Expression): SortKey[] {
  const parts = filter.kind === 'and' ? filter.of : [filter];
  const words = parts.find((part) => part.kind === 'words');
  return words === undefined ? [] : [{ param: '_score', type: 'rank', descending: true, words }];
}

function checkPair(name: string, value: string): void {
  const [base = ''] = name.split(':');
  if (UNSUPPORTED.has(base)) throw notSupported(`Search parameter ${base} is not supported.`, name);
  if (value === '') throw badValue(name, 'the value is empty');
  // PostgreSQL cannot take NUL, and no FHIR string contains it.
  if (value.includes('\0')) throw badValue(name, 'contains a NUL character');
}

function checkOnce(base: string, name: string, understood: SearchRequest['understood']): void {
  if (base !== name) throw notSupported(`Parameter ${base} has no modifiers.`, name);
  if (understood.some(([n]) => n === name)) throw badValue(name, 'given more than once');
}

function unknownParameter(
  resourceType: string,
  name: string,
  handling: 'strict' | 'lenient',
): OperationOutcomeIssue {
  const text = `${resourceType} has no search parameter ${name.slice(0, 100)}`;
  if (handling === 'strict') throw notSupported(`${text}.`, name);
  return issue('not-supported', `${text}; it was ignored.`, name, 'warning');
}

export type ConditionOptions = Pick<
  ParseSearchOptions,
  'registry' | 'baseUrl' | 'inMemory' | 'isRight' | 'isHidden'
> & {
  /** What `ap` on dates is measured from; the present by default. */
  readonly now?: Date;
};

/** The filter alone, of parameters that are no search of a client's: all must be known. Throws as parseSearch does. */
export const parseConditions = (
  resourceType: string,
  params: URLSearchParams | readonly (readonly [string, string])[],
  { now = new Date(), ...options }: ConditionOptions,
): Expression =>
  parseSearch(resourceType, params, { ...options, now, pageSize: 1, pageSizeMax: 1, handling: 'strict' })
    .filter;
