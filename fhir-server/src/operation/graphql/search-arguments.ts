/** Search parameters as arguments: hyphens become underscores. https://hl7.org/fhir/R4/graphql.html#searching */
import { type GraphQLArgumentConfig, GraphQLInt, GraphQLList, GraphQLNonNull, GraphQLString } from 'graphql';
import { badRequest } from '../../fhir/outcome.ts';
import type { SearchParameterRegistry } from '../../search/index.ts';
import { scalar } from './scalars.ts';

export type Has = (name: string) => boolean;
type Arguments = Record<string, GraphQLArgumentConfig>;

/** Parameters of every search that no SearchParameter with an expression defines. */
const SPECIAL = ['_content', '_list', '_text'];
const NAME = /^[_A-Za-z]\w*$/;

const argumentName = (code: string): string => code.replaceAll('-', '_');

/** Of a list or connection. Where a cursor is taken there is no resource that the search starts from. */
export function searchArguments(
  registry: SearchParameterRegistry,
  resourceType: string,
  has: Has,
  place: 'root' | 'resource',
  isConnection: boolean,
): Arguments {
  const given: Arguments = {};
  const offer = (name: string, type: GraphQLArgumentConfig['type']): void => {
    if (has(name)) given[name] ??= { type };
  };
  // A query that lacks it is to hear so.
  if (place === 'resource') given['_reference'] = { type: new GraphQLNonNull(scalar('code')) };
  for (const name of ['_filter', '_sort', 'fhirpath']) offer(name, GraphQLString);
  offer('_count', GraphQLInt);
  if (place === 'root' && isConnection) for (const name of ['_cursor', 'cursor']) offer(name, GraphQLString);
  for (const { code, type } of registry.list(resourceType)) {
    const name = argumentName(code);
    if (has(name) && NAME.test(name) && !name.startsWith('__'))
      given[name] ??= { type: new GraphQLList(scalar(type)) };
  }
  for (const name of SPECIAL) offer(name, new GraphQLList(GraphQLString));
  return given;
}

/** What is no condition but says how to search. */
export const STEERING: ReadonlySet<string> = new Set([
  '_reference',
  '_count',
  '_cursor',
  'cursor',
  'fhirpath',
  '_filter',
  '_sort',
]);

/** The parameters of the same search over REST. Throws 400 for values that none can have. */
export function searchParameters(
  registry: SearchParameterRegistry,
  resourceType: string,
  given: Readonly<Record<string, unknown>>,
): [string, string][] {
  const codes = new Map(
    registry.list(resourceType).map(({ code }): [string, string] => [argumentName(code), code]).reverse(),
  ); // prettier-ignore
  const parameters: [string, string][] = [];
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined) continue;
    if (!STEERING.has(name)) parameters.push([codes.get(name) ?? name, alternatives(name, value)]);
  }
  const { _filter: filter, _sort: sort } = given;
  if (typeof filter === 'string') parameters.push(['_filter', filter]);
  if (typeof sort === 'string')
    parameters.push(['_sort', sort.replace(/(-?)(\w+)/g, (_all, sign: string, key: string) => sign + (codes.get(key) ?? key))]); // prettier-ignore
  return parameters;
}

/** Alternatives are the values of an array: a comma within one of them is a comma. */
function alternatives(name: string, value: unknown): string {
  const values = Array.isArray(value) ? (value as unknown[]) : [value];
  if (values.length === 0) throw badRequest(`The argument ${name} has no value`, name);
  return values
    .map((one) => {
      if (typeof one !== 'string' && typeof one !== 'number' && typeof one !== 'boolean')
        throw badRequest(`The argument ${name} takes text`, name);
      return String(one).replace(/(?<!\\),/g, '\\,');
    })
    .join(',');
}
