/** One comparison of `_filter` as a search parameter would say it. https://hl7.org/fhir/R4/search_filter.html */
import { and, type Expression, not } from './expression.ts';
import { checkReady, type FilterContext, type ParseFilter } from './filter-context.ts';
import type { SupportedParameter } from './search-parameter-registry.ts';
import { badValue } from './search-value.ts';

const PREFIXES = new Set(['gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap']);
const MODIFIER_OF: Readonly<Record<string, string>> = {
  co: 'contains',
  sw: 'starts',
  ew: 'ends',
  ss: 'below',
  sb: 'above',
  in: 'in',
};
const OPERATORS = new Set(['eq', 'ne', 'pr', 'po', 're', ...PREFIXES, ...Object.keys(MODIFIER_OF)]);

/** `path` may be chained with dots. Throws FhirError 400 for values that do not fit the parameter. */
export function filterTerm(
  resourceType: string,
  path: string,
  operator: string,
  value: string,
  context: FilterContext,
  parse: ParseFilter,
): Expression | 'no operator' | 'no parameter' {
  if (!OPERATORS.has(operator)) return 'no operator';
  const found = toSearch(lastParameter(resourceType, path, context), operator, value);
  const within = { ...context, isFilter: true };
  const parsed = parse(resourceType, path + found.modifier, found.value, within);
  if (parsed === undefined) return 'no parameter';
  if (operator !== 'ne') return parsed;
  const present = parse(resourceType, `${path}:missing`, 'false', context);
  return present === undefined ? 'no parameter' : and(present, not(parsed));
}

/** The parameter at the end of a chain, as far as the path itself tells; types of targets do not matter to its type. */
function lastParameter(
  resourceType: string,
  path: string,
  context: FilterContext,
): SupportedParameter | undefined {
  const { registry } = context;
  let types = [resourceType];
  let parameter: SupportedParameter | undefined;
  for (const step of path.split('.')) {
    const [code = '', type] = step.split(':');
    parameter = types.map((t) => registry.get(t, code)).find((p) => p !== undefined);
    if (!parameter) return undefined;
    types = type === undefined ? [...(parameter.target ?? [])] : [type];
  }
  if (types.length > 0) for (const type of types) checkReady(type, parameter?.code ?? '', context);
  return parameter;
}

function toSearch(
  parameter: SupportedParameter | undefined,
  operator: string,
  value: string,
): { modifier: string; value: string } {
  const type = parameter?.type;
  const escaped = value.replace(/[\\,$]/g, '\\$&');
  const isRange = type === 'date' || type === 'number' || type === 'quantity' || parameter === undefined;
  if (operator === 'pr') return { modifier: ':missing', value: value === 'true' ? 'false' : 'true' };
  if (PREFIXES.has(operator)) {
    if (!isRange) throw badValue('_filter', `${operator} goes with dates, numbers and quantities`);
    return { modifier: '', value: operator + escaped };
  }
  if (operator === 'po') {
    if (type !== 'date') throw badValue('_filter', 'po goes with dates');
    return { modifier: '', value: `po${escaped}` };
  }
  const isString = type === 'string';
  if (operator === 'co' || operator === 'sw' || operator === 'ew') {
    if (!isString) throw badValue('_filter', `${operator} goes with strings`);
    // A search parameter of type string starts with its value by default.
    return { modifier: operator === 'sw' ? '' : `:${MODIFIER_OF[operator]}`, value: escapedText(value) };
  }
  if (operator === 'ss' || operator === 'sb' || operator === 'in')
    return { modifier: `:${MODIFIER_OF[operator]}`, value: escaped };
  if (isString) return { modifier: ':equals', value: escapedText(value) };
  return { modifier: '', value: escaped };
}

const escapedText = (text: string): string => text.replace(/[\\,|$]/g, '\\$&');
