/** One search parameter with its value → expression. https://hl7.org/fhir/R4/search.html */
import { resourceTypes } from '../fhir/definitions/index.ts';
import { badRequest, FhirError, issue, notSupported } from '../fhir/outcome.ts';
import { ALL, type Expression, NONE, not, or } from './expression.ts';
import { checkReady, type FilterContext, hidden, seekParameter } from './filter-context.ts';
import { parseDateComparison } from './parameter/date.ts';
import { splitToken } from './parameter/token.ts';
import { parseValues } from './parse-value.ts';
import { presence } from './presence.ts';
import { parseFilterExpression } from './filter-grammar.ts';
import type { SupportedParameter } from './search-parameter-registry.ts';
import { badValue, splitEscaped, unescapeValue } from './search-value.ts';

/** A chain without a type, from a reference that may lead anywhere, would be as many searches. */
const CHAIN_TARGETS_MAX = 20;

type ParseSpecial = (
  resourceType: string,
  value: string,
  context: FilterContext,
  depth: number,
) => Expression;

const words =
  (scope: 'narrative' | 'content'): ParseSpecial =>
  (type, value, context) => {
    if (context.isHidden?.(type, 'words') === true)
      throw hidden(type, scope === 'narrative' ? '_text' : '_content');
    return { kind: 'words', scope, query: unescapeValue(value) };
  };

/** Parameters that no SearchParameter with an expression defines. */
const SPECIAL: ReadonlyMap<string, ParseSpecial> = new Map<string, ParseSpecial>([
  ['_id', (_type, value, context) => parseIds('_id', value, context)],
  ['_lastUpdated', parseLastUpdated],
  ['_text', words('narrative')],
  ['_content', words('content')],
  ['_list', (_type, value, context) => or(...orValues('_list', value, context).map(parseList))],
  ['_filter', parseFilterParameter],
]);

/** What chains it stands behind counts for the chains within it; a filter within a filter would escape the limits. */
function parseFilterParameter(
  resourceType: string,
  value: string,
  context: FilterContext,
  depth: number,
): Expression {
  return parseFilterExpression(resourceType, value, context, (type, name, text, within) => {
    if (/(^|[.:])_filter(:|$)/.test(name)) throw badValue('_filter', 'a filter cannot contain another');
    return parseFilter(type, name, text, within, depth);
  });
}

/** Ids are tokens without a system. */
function parseIds(name: string, value: string, context: FilterContext): Expression {
  const tokens = checkedValues(name, value, context).map((text) => splitToken(name, text));
  const ids = tokens.flatMap(({ system = '', code }) => (system === '' ? [code] : []));
  return ids.length === 0 ? NONE : { kind: 'id', ids };
}

function parseList(id: string): Expression {
  // `$current-allergies` and the like are named lists, of which this server keeps none.
  if (!/^[A-Za-z0-9\-.]{1,64}$/.test(id)) throw badValue('_list', 'not the id of a List');
  return { kind: 'list', id };
}

function parseLastUpdated(_type: string, value: string, context: FilterContext): Expression {
  const name = '_lastUpdated';
  const alternatives = checkedValues(name, value, context);
  return or(
    ...alternatives.map((text): Expression => ({
      kind: 'lastUpdated',
      comparison: parseDateComparison(name, text, context.now, context.isFilter),
    })),
  );
}

/** The OR values of a parameter, unescaped. Throws 400 when there are too many or one is empty. */
function orValues(name: string, value: string, context: FilterContext): string[] {
  return checkedValues(name, value, context).map(unescapeValue);
}

function checkedValues(name: string, value: string, { limits }: FilterContext): string[] {
  const values = splitEscaped(value, ',');
  if (values.length > limits.orValuesMax) throw badValue(name, `more than ${limits.orValuesMax} values`);
  if (values.includes('')) throw badValue(name, 'one of the values is empty');
  return values;
}

/**
 * Undefined for an unknown parameter. Throws FhirError 400: `invalid` for malformed values, `not-supported` for what the
 * server cannot do, `too-costly` for more than the limits allow; 503 for a parameter that is still being indexed.
 */
export function parseFilter(
  resourceType: string,
  name: string,
  value: string,
  context: FilterContext,
  depth = 0,
): Expression | undefined {
  if (depth > context.limits.chainDepthMax)
    throw tooDeep(name, `more than ${context.limits.chainDepthMax} steps of chaining`);
  if (name.startsWith('_has:')) return parseHas(resourceType, name, value, context, depth);
  const dot = name.indexOf('.');
  if (dot >= 0)
    return parseChain(resourceType, name.slice(0, dot), name.slice(dot + 1), value, context, depth);
  const [code = '', ...modifiers] = name.split(':');
  const special = SPECIAL.get(code);
  if (special) {
    if (code === '_id' && modifiers.length === 1) {
      const expression = parseIdModifier(modifiers[0]!, value, context);
      if (expression) return expression;
    }
    if (modifiers.length > 0) throw notSupported(`Parameter ${code} has no modifiers.`, name);
    return special(resourceType, value, context, depth);
  }
  const parameter = seekParameter(resourceType, code, context);
  if (!parameter) return undefined;
  checkReady(resourceType, code, context);
  return parseParameter(parameter, resourceType, modifiers.join(':'), value, context);
}

/** `_id` is a token that every resource has. Undefined for a modifier that would change nothing or mean nothing. */
function parseIdModifier(modifier: string, value: string, context: FilterContext): Expression | undefined {
  if (modifier === 'missing') return isMissing('_id', value) ? NONE : ALL;
  if (modifier === 'not') return not(parseIds('_id:not', value, context));
  return undefined;
}

function isMissing(code: string, value: string): boolean {
  if (value !== 'true' && value !== 'false') throw badValue(`${code}:missing`, 'must be true or false');
  return value === 'true';
}

function parseParameter(
  parameter: SupportedParameter,
  resourceType: string,
  modifier: string,
  value: string,
  context: FilterContext,
): Expression {
  const { code } = parameter;
  if (modifier === 'missing') {
    const missing = isMissing(code, value);
    const present = presence(parameter, resourceType, context.registry);
    return missing ? not(present) : present;
  }
  const values = checkedValues(modifier === '' ? code : `${code}:${modifier}`, value, context);
  // R4: resources without any value of the parameter match `:not` as well.
  if (modifier === 'not' && parameter.type === 'token')
    return not(parseValues(parameter, resourceType, '', values, context));
  return parseValues(parameter, resourceType, modifier, values, context);
}

const tooDeep = (name: string, problem: string): FhirError =>
  new FhirError(400, [
    issue('too-costly', `Parameter ${name.slice(0, 100)}: ${problem}.`, name.slice(0, 100)),
  ]);

/** `subject:Patient.organization.name`: the reference before the dot, and what its target must fulfil. */
function parseChain(
  resourceType: string,
  head: string,
  rest: string,
  value: string,
  context: FilterContext,
  depth: number,
): Expression | undefined {
  const [code = '', type, ...more] = head.split(':');
  const parameter = seekParameter(resourceType, code, context);
  if (!parameter) return undefined;
  if (parameter.type !== 'reference' || more.length > 0)
    throw badRequest(`Parameter ${head}.${rest}: ${code} is no reference to chain from.`, `${head}.${rest}`);
  checkReady(resourceType, code, context);
  const targets = chainTargets(parameter, type, `${head}.${rest}`);
  const alternatives = targets.flatMap((targetType): Expression[] => {
    const of = parseFilter(targetType, rest, value, context, depth + 1);
    return of === undefined ? [] : [referencing(parameter, resourceType, targetType, of, context)];
  });
  if (alternatives.length === 0)
    throw notSupported(
      `Parameter ${head}.${rest}: no target of ${code} has a search parameter ${rest}.`,
      `${head}.${rest}`,
    );
  return or(...alternatives);
}

/** A chain from a parameter that others cover goes out from these. */
function referencing(
  parameter: SupportedParameter,
  resourceType: string,
  targetType: string,
  of: Expression,
  { registry }: FilterContext,
): Expression {
  const form = registry.form(resourceType, parameter.code);
  const codes = form.kind === 'union' ? form.of : [form.kind === 'narrowed' ? form.of : parameter.code];
  return or(...codes.map((param): Expression => ({ kind: 'chain', param, targetType, of })));
}

function chainTargets(parameter: SupportedParameter, type: string | undefined, name: string): string[] {
  const targets = parameter.target ?? resourceTypes();
  if (type !== undefined) {
    if (!targets.includes(type))
      throw badRequest(`${parameter.code} does not refer to ${printable(type)}.`, name);
    return [type];
  }
  if (targets.length > CHAIN_TARGETS_MAX)
    throw tooDeep(name, `${parameter.code} may refer to any type; name it as in ${parameter.code}:Patient`);
  return [...targets];
}

/** `_has:Observation:patient:code`: what a resource that refers to this one must fulfil. */
function parseHas(
  resourceType: string,
  name: string,
  value: string,
  context: FilterContext,
  depth: number,
): Expression {
  const [, sourceType = '', code = '', ...more] = name.split(':');
  const rest = more.join(':');
  const parameter = resourceTypes().includes(sourceType)
    ? seekParameter(sourceType, code, context)
    : undefined;
  if (!parameter || rest === '')
    throw badRequest(
      `Parameter ${printable(name)}: _has has the form _has:Type:reference:parameter.`,
      '_has',
    );
  const isReference = parameter.type === 'reference';
  if (!isReference || (parameter.target !== undefined && !parameter.target.includes(resourceType)))
    throw badRequest(`Parameter ${printable(name)}: ${code} does not refer to ${resourceType}.`, '_has');
  checkReady(sourceType, code, context);
  const of = parseFilter(sourceType, rest, value, context, depth + 1);
  if (of === undefined)
    throw notSupported(
      `Parameter ${printable(name)}: ${sourceType} has no search parameter ${printable(rest)}.`,
      '_has',
    );
  const form = context.registry.form(sourceType, code);
  const codes = form.kind === 'union' ? form.of : [form.kind === 'narrowed' ? form.of : code];
  return or(...codes.map((param): Expression => ({ kind: 'has', sourceType, param, of })));
}

const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 100);
