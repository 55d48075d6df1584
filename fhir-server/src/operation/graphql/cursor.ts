/** Cursors of connections: a whole search with a position in it, good for its caller only. https://hl7.org/fhir/R4/graphql.html#searching */
import { badRequest } from '../../fhir/outcome.ts';
import { decodeCursor, encodeCursor, type Request } from '../../interaction/index.ts';
import type { PagePosition, SortValue } from '../../storage/index.ts';

export type Pairs = readonly (readonly [string, string])[];

export interface Place {
  readonly parameters: [string, string][];
  /** Undefined: the first page. */
  readonly from: PagePosition | undefined;
}

const scopeOf = (resourceType: string, query: string): string => `$graphql/${resourceType}?${query}`;

export function cursorTo(
  { server, principal }: Request,
  resourceType: string,
  parameters: Pairs,
  from: 'first' | PagePosition,
): string {
  const query = new URLSearchParams(parameters.map(([n, v]): [string, string] => [n, v])).toString();
  const position: SortValue[] = from === 'first' ? ['first'] : [from.direction, ...from.values];
  const sealed = encodeCursor(server.config, position, scopeOf(resourceType, query), principal);
  return `${Buffer.from(query).toString('base64url')}.${sealed}`;
}

/** Throws 400 for a cursor of another search or caller, 410 for one that is too old. */
export function placeOfCursor({ server, principal }: Request, resourceType: string, cursor: string): Place {
  const dot = cursor.indexOf('.');
  const query = Buffer.from(cursor.slice(0, Math.max(dot, 0)), 'base64url').toString();
  const sealed = cursor.slice(dot + 1);
  const [direction, ...values] = decodeCursor(server.config, sealed, scopeOf(resourceType, query), principal);
  if (direction !== 'first' && direction !== 'next' && direction !== 'previous')
    throw badRequest('This cursor is not valid for this search', '_cursor');
  return {
    parameters: [...new URLSearchParams(query)],
    from: direction === 'first' ? undefined : { direction, values },
  };
}
