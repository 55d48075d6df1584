/** The search of https://hl7.org/fhir/R4/search.html in memory: slow, plain, and written without a look at the server. */
import type { List, Resource, SearchParameter } from '@medplum/fhirtypes';
import { dateMatches, storedDates } from './date.ts';
import { nearMatches } from './near.ts';
import { numberMatches, quantityMatches } from './number.ts';
import { address, referenceMatches } from './reference.ts';
import { type Node, parameterAt, parameterOf, patientParameters, select, selectWithin } from './select.ts';
import { sorted } from './sort.ts';
import { split, unescape } from './split.ts';
import { stringMatches, uriMatches } from './string.ts';
import { tokenMatches } from './token.ts';

export interface Options {
  /** The server's own base without a trailing slash. */
  readonly baseUrl: string;
  readonly now: Date;
  /** Only what belongs to this patient. */
  readonly patient?: string;
}

interface Context extends Options {
  /** All resources by `Type/id`. */
  readonly resources: ReadonlyMap<string, Resource>;
}

const RESULT_PARAMETERS = new Set(['_sort', '_count', '_elements', '_summary', '_total']);

/** Ids of the resources that match, in the order of `_sort`. The query is decoded: `name=a&birthdate=ge2000`. */
export function evaluate(
  resources: readonly Resource[],
  resourceType: string,
  query: string,
  options: Options,
): string[] {
  const context: Context = { ...options, resources: byAddress(resources) };
  const pairs = query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const);
  const criteria = pairs.filter(([name]) => !RESULT_PARAMETERS.has(name));
  const found = resources.filter(
    (resource) =>
      resource.resourceType === resourceType &&
      (options.patient === undefined || belongsTo(resource, options.patient, context)) &&
      criteria.every(([name, value]) => passes(resource, name, value, context)),
  );
  const sort = pairs.find(([name]) => name === '_sort')?.[1] ?? '';
  return sorted(found, sort).map((resource) => resource.id!);
}

const addressed = new WeakMap<readonly Resource[], Map<string, Resource>>();

function byAddress(resources: readonly Resource[]): Map<string, Resource> {
  const map =
    addressed.get(resources) ?? new Map(resources.map((r) => [`${r.resourceType}/${r.id}`, r] as const));
  addressed.set(resources, map);
  return map;
}

function belongsTo(resource: Resource, patient: string, context: Context): boolean {
  return patientParameters(resource.resourceType).some((name) =>
    name === '{def}'
      ? resource.resourceType === 'Patient' && resource.id === patient
      : passes(resource, name, `Patient/${patient}`, context),
  );
}

/** One criterion: a parameter, a chain, `_has` or `_list`. */
function passes(resource: Resource, name: string, value: string, context: Context): boolean {
  if (name.startsWith('_has:')) {
    const [, type, reference, ...rest] = name.split(':');
    return referrers(resource, type!, reference!, context).some((other) =>
      passes(other, rest.join(':'), value, context),
    );
  }
  if (name === '_list') return split(value, ',').some((id) => listed(resource, unescape(id), context));
  const dot = name.indexOf('.');
  if (dot >= 0) {
    const [reference, type] = name.slice(0, dot).split(':');
    return targets(resource, reference!, context)
      .filter((target) => type === undefined || target.resourceType === type)
      .some((target) => passes(target, name.slice(dot + 1), value, context));
  }
  const [code, modifier] = name.split(':');
  const parameter = parameterOf(resource.resourceType, code!);
  return parameter !== undefined && parameterPasses(resource, parameter, modifier, value, context);
}

/** The resources that the parameter's references point to. */
function targets(resource: Resource, code: string, { resources, baseUrl }: Context): Resource[] {
  const parameter = parameterOf(resource.resourceType, code);
  const nodes = parameter?.type === 'reference' ? select(resource, parameter) : [];
  return nodes
    .map((node) => resources.get(address(node, baseUrl) ?? ''))
    .filter((target) => target !== undefined);
}

const pointing = new WeakMap<Context['resources'], Map<string, Map<Resource, Resource[]>>>();

/** The resources of the type that point to this one by the parameter. */
function referrers(resource: Resource, type: string, code: string, context: Context): Resource[] {
  const known = pointing.get(context.resources) ?? new Map<string, Map<Resource, Resource[]>>();
  pointing.set(context.resources, known);
  const key = `${type} ${code}`;
  let byTarget = known.get(key);
  if (byTarget === undefined) {
    const pairs = [...context.resources.values()]
      .filter((other) => other.resourceType === type)
      .flatMap((other) => targets(other, code, context).map((target) => ({ target, other })));
    byTarget = new Map<Resource, Resource[]>();
    for (const { target, other } of pairs) byTarget.set(target, [...(byTarget.get(target) ?? []), other]);
    known.set(key, byTarget);
  }
  return byTarget.get(resource) ?? [];
}

function listed(resource: Resource, list: string, { resources, baseUrl }: Context): boolean {
  const found = resources.get(`List/${list}`) as List | undefined;
  return (found?.entry ?? []).some(
    ({ item }) =>
      address({ type: 'Reference', value: item, path: '' }, baseUrl) ===
      `${resource.resourceType}/${resource.id}`,
  );
}

function parameterPasses(
  resource: Resource,
  parameter: SearchParameter,
  modifier: string | undefined,
  value: string,
  context: Context,
): boolean {
  const nodes = select(resource, parameter);
  if (modifier === 'missing') return !nodes.some((node) => isPresent(parameter, node)) === (value === 'true');
  const any = (how: string | undefined): boolean =>
    split(value, ',').some((one) => nodes.some((node) => matches(parameter, node, one, how, context)));
  return modifier === 'not' ? !any(undefined) : any(modifier);
}

/** A schedule that says how long it takes but not when is no date. */
const isPresent = ({ type }: SearchParameter, node: Node): boolean =>
  type !== 'date' || storedDates(node).length > 0;

/** Whether one value of the resource satisfies one value of the search, which is still escaped. */
function matches(
  parameter: SearchParameter,
  node: Node,
  value: string,
  modifier: string | undefined,
  context: Context,
): boolean {
  switch (parameter.type) {
    case 'string':
      return stringMatches(node, unescape(value), modifier);
    case 'uri':
      return uriMatches(node, unescape(value), modifier);
    case 'token':
      return tokenMatches(node, value, modifier);
    case 'reference':
      return referenceMatches(node, value, modifier, context.baseUrl);
    case 'date':
      return dateMatches(node, unescape(value), context.now);
    case 'number':
      return numberMatches(node, unescape(value));
    case 'quantity':
      return quantityMatches(node, value);
    case 'composite':
      return compositeMatches(parameter, node, value, context);
    case 'special':
      return nearMatches(node, unescape(value));
  }
}

/** Every component matches within the same element. */
function compositeMatches(
  { component = [] }: SearchParameter,
  element: Node,
  value: string,
  context: Context,
): boolean {
  const parts = split(value, '$');
  return component.every(({ definition, expression }, i) =>
    selectWithin(element, expression).some((node) =>
      matches(parameterAt(definition)!, node, parts[i] ?? '', undefined, context),
    ),
  );
}
