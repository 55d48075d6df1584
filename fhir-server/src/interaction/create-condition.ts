/** The condition of a conditional create, and what it matches. https://hl7.org/fhir/R4/http.html#ccreate */
import type { PoolClient } from '../db/index.ts';
import { multipleMatches } from '../fhir/outcome.ts';
import { and, type Expression, isLocal, parseConditions } from '../search/index.ts';
import { isSelective, searchPage, type StoredVersion } from '../storage/index.ts';
import { permit } from './permit.ts';
import { resolveSearch } from './resolve-search.ts';
import type { Request } from './server.ts';

export interface CreateCondition {
  readonly resourceType: string;
  /** The type with the search as the client wrote it; creates with the same key wait for each other. */
  readonly key: string;
  /** For outcomes. */
  readonly place: string;
  /** Within the caller's view. */
  readonly filter: Expression;
}

/** `query` is a search of the type, without the question mark. Throws 400, and 403 to who may not search. */
export function parseCondition(
  request: Request,
  resourceType: string,
  query: string,
  place = 'http.If-None-Exist',
): CreateCondition {
  const filter = filterOf(request, resourceType, query);
  return { resourceType, key: `${resourceType}?${query}`, place, filter };
}

function filterOf(request: Request, resourceType: string, query: string): Expression {
  const { registry, config } = request.server;
  const permitted = permit(request, 'search-type', resourceType);
  const context = { registry, baseUrl: config.fhirBase };
  return and(parseConditions(resourceType, new URLSearchParams(query), context), permitted);
}

/** Whether an index answers it at once, from the resources of the type alone. */
export const isShort = ({ filter }: CreateCondition): boolean => isLocal(filter) && isSelective(filter);

/**
 * Others who create on the same conditions wait until this transaction ends, so that a race makes one resource. All take
 * them in one order, so that none waits for another in a circle.
 */
export async function holdConditions(client: PoolClient, keys: readonly string[]): Promise<void> {
  await client.query({
    name: 'hold conditions',
    text: 'select pg_advisory_xact_lock(hashtextextended(c.key, 0)) from unnest($1::text[]) as c(key)',
    values: [[...new Set(keys)].sort()],
  });
}

/** Holds those that no other transaction holds, until the end of this one. */
export async function tryConditions(client: PoolClient, keys: readonly string[]): Promise<Set<string>> {
  const { rows } = await client.query<{ key: string; free: boolean }>({
    name: 'try conditions',
    text: 'select c.key, pg_try_advisory_xact_lock(hashtextextended(c.key, 0)) as free from unnest($1::text[]) as c(key)',
    values: [keys],
  });
  return new Set(rows.filter((row) => row.free).map((row) => row.key));
}

/** The one match, if there is one. Throws 412 on several. */
export async function matchOf(
  request: Request,
  client: PoolClient,
  { resourceType, filter, place }: CreateCondition,
): Promise<StoredVersion | undefined> {
  const [match, second] = await find(request, client, resourceType, filter);
  if (second !== undefined)
    throw multipleMatches(`More than one ${resourceType} matches the condition of the create`, place);
  return match;
}

/** At most two matches of a search among what the caller may find. */
export const findMatches = (
  request: Request,
  client: PoolClient,
  resourceType: string,
  query: string,
): Promise<StoredVersion[]> => find(request, client, resourceType, filterOf(request, resourceType, query));

async function find(
  request: Request,
  client: PoolClient,
  resourceType: string,
  filter: Expression,
): Promise<StoredVersion[]> {
  const sought = await resolveSearch(request, resourceType, filter);
  const { registry } = request.server;
  const page = await searchPage(client, { registry, resourceType, filter: sought, sort: [], count: 2 });
  return [...page.versions];
}
