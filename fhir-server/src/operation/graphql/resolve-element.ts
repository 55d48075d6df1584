/** Elements of a resource, and which of a list are wanted. https://hl7.org/fhir/R4/graphql.html#list */
import type { FieldNode, GraphQLFieldResolver } from 'graphql';
import { markedNumber } from '../../fhir/json/index.ts';
import { badRequest } from '../../fhir/outcome.ts';
import { type GraphqlContext, isObject } from './context.ts';
import { selectorOf } from './select-by-path.ts';

type Resolver = GraphQLFieldResolver<unknown, GraphqlContext>;

const memberOf = (source: unknown, name: string): unknown => (isObject(source) ? source[name] : undefined);

const takesFirst = (nodes: readonly FieldNode[]): boolean =>
  nodes.some(({ directives = [] }) => directives.some(({ name }) => name.value === 'first'));

const onlyFirst = (value: unknown, nodes: readonly FieldNode[]): unknown =>
  Array.isArray(value) && takesFirst(nodes) ? value.slice(0, 1) : value;

export const resolvePrimitive: Resolver = (source, _arguments, _context, { fieldName, fieldNodes }) =>
  onlyFirst(memberOf(source, fieldName), fieldNodes);

/** A decimal keeps the digits with which it was written. */
export const resolveDecimal: Resolver = (source, _arguments, _context, { fieldName }) =>
  isObject(source) ? markedNumber(source, fieldName) : undefined;

/** Of a data type, or of what is defined in place at a path. */
export const resolveElement =
  (type: string): Resolver =>
  (source, given, { budget, slices }, { fieldName, fieldNodes, path, variableValues }) => {
    const value = memberOf(source, fieldName);
    if (!Array.isArray(value)) {
      if (value !== undefined) budget.spend(fieldNodes, 1);
      return value;
    }
    const own = given as Readonly<Record<string, unknown>>;
    const chosen = onlyFirst(select(value, type, own), fieldNodes) as unknown[];
    budget.spend(fieldNodes, chosen.length);
    slices.note(fieldNodes, path, chosen, variableValues);
    return chosen;
  };

const BY_PLACE = new Set(['_count', '_offset', 'fhirpath']);

/** Filters first, then the place in what is left. Throws 400. */
export function select(
  elements: readonly unknown[],
  type: string,
  given: Readonly<Record<string, unknown>>,
): unknown[] {
  const { _count: count, _offset: offset, fhirpath } = given;
  const wanted = Object.entries(given).filter(([name, value]) => !BY_PLACE.has(name) && value !== undefined);
  const isChosen = typeof fhirpath === 'string' ? selectorOf(fhirpath, type) : () => true;
  const left = elements.filter(
    (element) =>
      wanted.every(([name, value]) => isEqual(memberOf(element, name), value)) && isChosen(element),
  );
  const start = placeOf('_offset', offset) ?? 0;
  const most = placeOf('_count', count);
  return left.slice(start, most === undefined ? undefined : start + most);
}

type Simple = string | number | boolean;

const isSimple = (value: unknown): value is Simple => ['string', 'number', 'boolean'].includes(typeof value);

const isEqual = (value: unknown, wanted: unknown): boolean =>
  Array.isArray(value)
    ? value.some((one) => isEqual(one, wanted))
    : isSimple(value) && isSimple(wanted) && String(value) === String(wanted);

export function placeOf(name: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw badRequest(`The argument ${name} is a whole number from 0 on`, name);
}
