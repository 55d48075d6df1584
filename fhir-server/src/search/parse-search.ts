/** A type and its query string → SearchRequest. https://hl7.org/fhir/R4/search.html */
import type { OperationOutcomeIssue } from '@medplum/fhirtypes';
import { badRequest, issue, notSupported } from '../fhir/outcome.ts';
import { and, type Expression, or } from './expression.ts';
import { parseDateComparison } from './parameter/date.ts';
import { parseModifier, typedReference } from './modifier.ts';
import { PARAMETER_TYPES } from './parameter/index.ts';
import { RESULT_PARAMETERS, type ResultParameters } from './parse-result-parameters.ts';
import type { SearchParameterRegistry } from './search-parameter-registry.ts';
import type { SearchRequest } from './search-request.ts';
import { badValue, splitEscaped, unescapeValue } from './search-value.ts';

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
}

/** Parameters in one request. */
export const PARAMETERS_MAX = 50;
/** Comma-separated values of one parameter. */
export const OR_VALUES_MAX = 500;

/** Content negotiation, which is not the search's business. */
const ELSEWHERE = new Set(['_format', '_pretty']);
/** Result parameters of R4 that are refused rather than ignored. */
const UNSUPPORTED_RESULT = new Set(
  '_include _revinclude _elements _contained _containedType _score _graph _maxresults'.split(' '),
);

/** Throws FhirError 400: `invalid` for malformed values, `not-supported` for what the server cannot do. */
export function parseSearch(
  resourceType: string,
  params: URLSearchParams | readonly (readonly [string, string])[],
  options: ParseSearchOptions,
): SearchRequest {
  const pairs = [...params];
  if (pairs.length > PARAMETERS_MAX) throw badRequest(`More than ${PARAMETERS_MAX} search parameters.`);
  const result: ResultParameters = {
    sort: [],
    count: Math.min(options.pageSize, options.pageSizeMax),
    summary: 'false',
    total: 'none',
  };
  const filters: Expression[] = [];
  const understood: (readonly [string, string])[] = [];
  const warnings: OperationOutcomeIssue[] = [];
  for (const [name, value] of pairs) {
    if (ELSEWHERE.has(name)) continue;
    checkName(resourceType, name, options.registry);
    checkValue(name, value);
    const set = RESULT_PARAMETERS.get(name);
    const filter = set ? undefined : parseFilter(resourceType, name, value, options);
    if (set) {
      if (understood.some(([n]) => n === name)) throw badValue(name, 'given more than once');
      set(result, value, { ...options, resourceType });
    } else if (filter) filters.push(filter);
    else {
      warnings.push(unknownParameter(resourceType, name, options.handling));
      continue;
    }
    understood.push([name, value]);
  }
  return { resourceType, filter: and(...filters), ...result, understood, warnings };
}

/** What is not supported would change the meaning of a search when ignored, so that it is always refused. */
function checkName(resourceType: string, name: string, registry: SearchParameterRegistry): void {
  const [base = ''] = name.split(':');
  if (UNSUPPORTED_RESULT.has(base) || registry.isUnsupported(resourceType, base))
    throw notSupported(`Search parameter ${base} is not supported.`, name);
  if (base !== name && RESULT_PARAMETERS.has(base))
    throw notSupported(`Parameter ${base} has no modifiers.`, name);
  if (name.includes('.') && registry.get(resourceType, name.split(/[:.]/)[0]!))
    throw notSupported(`Chained search parameter ${name} is not supported.`, name);
}

function checkValue(name: string, value: string): void {
  if (value === '') throw badValue(name, 'the value is empty');
  // PostgreSQL cannot take NUL, and no FHIR string contains it.
  if (value.includes('\0')) throw badValue(name, 'contains a NUL character');
}

/** Undefined for an unknown parameter. */
function parseFilter(
  resourceType: string,
  name: string,
  value: string,
  options: ParseSearchOptions,
): Expression | undefined {
  const [code = '', ...modifiers] = name.split(':');
  const parameter = options.registry.get(resourceType, code);
  if (!parameter) return undefined;
  const modifier = modifiers.length > 0 ? parseModifier(parameter, modifiers.join(':')) : undefined;
  const values = splitEscaped(value, ',');
  if (values.length > OR_VALUES_MAX) throw badValue(name, `more than ${OR_VALUES_MAX} values`);
  if (values.includes('')) throw badValue(name, 'one of the values is empty');
  if (name === '_id') return { kind: 'id', ids: values.map(unescapeValue) };
  const context = { baseUrl: options.baseUrl, now: options.now.getTime() };
  const alternatives = values.map((text): Expression => {
    if (name === '_lastUpdated')
      return { kind: 'lastUpdated', comparison: parseDateComparison(name, text, context.now) };
    const given = modifier?.kind === 'type' ? typedReference(name, modifier.resourceType, text) : text;
    return PARAMETER_TYPES[parameter.type].parse(code, given, context);
  });
  const any = mergeKeys(alternatives);
  // R4: resources without any value of the parameter match `:not` as well.
  return modifier?.kind === 'not' ? { kind: 'not', of: any } : any;
}

/** Keys of one OR become one lookup. */
function mergeKeys(alternatives: readonly Expression[]): Expression {
  const keys = alternatives.flatMap((e) => (e.kind === 'key' ? e.keys : []));
  const others = alternatives.filter((e) => e.kind !== 'key');
  return keys.length === 0 ? or(...others) : or({ kind: 'key', keys: [...new Set(keys)] }, ...others);
}

function unknownParameter(
  resourceType: string,
  name: string,
  handling: 'strict' | 'lenient',
): OperationOutcomeIssue {
  const text = `${resourceType} has no search parameter ${name}`;
  if (handling === 'strict') throw notSupported(`${text}.`, name);
  return issue('not-supported', `${text}; it was ignored.`, name, 'warning');
}
