/** A list or connection as it is asked for, and the search that it means. https://hl7.org/fhir/R4/graphql.html#searching */
import type { FieldNode } from 'graphql';
import { badRequest } from '../../fhir/outcome.ts';
import { parseFor, type Request, resolveSearch } from '../../interaction/index.ts';
import { and, type Expression } from '../../search/index.ts';
import type { PagePosition, PageQuery } from '../../storage/index.ts';
import { tooMuch } from './budget.ts';
import { type Pairs, placeOfCursor } from './cursor.ts';
import { placeOf } from './resolve-element.ts';
import { searchParameters } from './search-arguments.ts';

export interface SearchCall {
  readonly resourceType: string;
  readonly isConnection: boolean;
  /** Whether the number of all matches is asked for. */
  readonly wantsTotal: boolean;
  /** As over REST. */
  readonly parameters: Pairs;
  /** Code of the search parameter by which matches refer to the resource at hand. */
  readonly reference: string | undefined;
  /** Of a list without it all are wanted. */
  readonly count: number | undefined;
  readonly fhirpath: string | undefined;
  readonly from: PagePosition | undefined;
}

/** Throws 400. */
export function parseCall(
  request: Request,
  resourceType: string,
  given: Readonly<Record<string, unknown>>,
  shape: Pick<SearchCall, 'isConnection' | 'wantsTotal'>,
): SearchCall {
  const { registry, config } = request.server;
  const cursor = given['_cursor'] ?? given['cursor'];
  if (typeof cursor === 'string') {
    if (Object.keys(given).length > 1)
      throw badRequest('A cursor has the search within itself, and goes without other arguments', '_cursor');
    const { parameters, from } = placeOfCursor(request, resourceType, cursor);
    const own = new Map(parameters);
    const count = Number(own.get('_count') ?? config.pageSize);
    const others = parameters.filter(([name]) => name !== '_count' && name !== 'fhirpath');
    return { ...shape, resourceType, parameters: others, reference: undefined, count, fhirpath: own.get('fhirpath'), from }; // prettier-ignore
  }
  const count = placeOf('_count', given['_count']);
  if (count !== undefined && count > config.graphql.listMax)
    throw tooMuch(`The argument _count is at most ${config.graphql.listMax}; use a connection for more`);
  const { _reference: reference, fhirpath } = given;
  return {
    ...shape,
    resourceType,
    parameters: searchParameters(registry, resourceType, given),
    reference: reference === undefined ? undefined : referenceCode(request, resourceType, reference),
    count: shape.isConnection ? (count ?? Math.min(config.pageSize, config.graphql.listMax)) : count,
    fhirpath: typeof fhirpath === 'string' ? fhirpath : undefined,
    from: undefined,
  };
}

/** Of `general_practitioner` the code `general-practitioner`. Throws 400. */
function referenceCode({ server }: Request, resourceType: string, name: unknown): string {
  const found = server.registry
    .list(resourceType)
    .find(({ code, type }) => type === 'reference' && (code === name || code.replaceAll('-', '_') === name));
  if (!found) throw badRequest(`The argument _reference names no reference of ${resourceType}`, '_reference');
  return found.code;
}

/** The search within what the caller is permitted. Throws 400 as a search over REST does, and for unknown parameters. */
export async function prepareSearch(
  request: Request,
  { resourceType, parameters }: Pick<SearchCall, 'resourceType' | 'parameters'>,
  permitted: Expression,
): Promise<Pick<PageQuery, 'registry' | 'resourceType' | 'filter' | 'sort'>> {
  const { registry } = request.server;
  const { filter, sort } = parseFor(request, resourceType, parameters, 'strict');
  const sought = await resolveSearch(request, resourceType, filter);
  return { registry, resourceType, filter: and(sought, permitted), sort };
}

/** Who names no number wants all; who names one wants as many as there are. Throws 400 for a list that would be cut. */
export function checkWhole(
  found: number,
  isMore: boolean,
  { isConnection, count }: SearchCall,
  listMax: number,
): void {
  if (!isMore || isConnection || (count !== undefined && found === count)) return;
  throw tooMuch(`A list has at most ${listMax} resources; narrow it, name a _count, or use a connection`);
}

export const nodeOf = (nodes: readonly FieldNode[]): FieldNode => nodes[0]!;
