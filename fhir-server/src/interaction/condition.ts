/**
 * The condition of a conditional create, update, patch or delete, and what it matches.
 * https://hl7.org/fhir/R4/http.html#ccreate, #cond-update, #concurrency and #3.1.0.7.1
 */
import type { PoolClient } from '../db/index.ts';
import { badRequest, multipleMatches } from '../fhir/outcome.ts';
import { and, type Expression, isDirect, parseConditions, parseQuery } from '../search/index.ts';
import { isSelective, searchPage, type StoredVersion } from '../storage/index.ts';
import { hiddenTest } from './disclose.ts';
import { permit } from './permit.ts';
import { resolveSearch } from './resolve-search.ts';
import type { Request } from './server.ts';

export interface Condition {
  readonly resourceType: string;
  /** The type with the search; writers with the same key wait for each other. */
  readonly key: string;
  /** For outcomes. */
  readonly place: string;
  /** Within the caller's view. */
  readonly filter: Expression;
}

/**
 * `query` is a search of the type, without the question mark. Throws 400 for one that is faulty, that names a parameter that is
 * not known (ignored, it would match too much) or that asks for nothing, and 403 to who may not search.
 */
export function parseCondition(
  request: Request,
  resourceType: string,
  query: string | readonly (readonly [string, string])[],
  place: string,
): Condition {
  const params = new URLSearchParams(
    typeof query === 'string'
      ? parseQuery(query, place)
      : [...query].map(([n, v]): [string, string] => [n, v]),
  );
  const { registry, config } = request.server;
  const permitted = permit(request, 'search-type', resourceType);
  const sought = parseConditions(resourceType, params, {
    registry,
    baseUrl: config.fhirBase,
    ...hiddenTest(request.principal),
  });
  if (sought.kind === 'all')
    throw badRequest(`The condition needs a search parameter of ${resourceType}`, place);
  const key = `${resourceType}?${params.toString()}`;
  return { resourceType, key, place, filter: and(sought, permitted) };
}

/** Whether an index answers it at once, from the resources of the type alone. */
export const isShort = ({ filter }: Condition): boolean => isDirect(filter) && isSelective(filter);

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
  condition: Condition,
): Promise<StoredVersion | undefined> {
  const [match, second] = await matchesOf(request, client, condition, 2);
  if (second !== undefined)
    throw multipleMatches(`More than one ${condition.resourceType} matches the condition`, condition.place);
  return match;
}

/** At most `count` matches among what the caller may find. */
export async function matchesOf(
  request: Request,
  client: PoolClient,
  { resourceType, filter }: Condition,
  count: number,
): Promise<StoredVersion[]> {
  if (!(await request.server.tables.exists(resourceType))) return [];
  const sought = await resolveSearch(request, resourceType, filter);
  const { registry } = request.server;
  const page = await searchPage(client, { registry, resourceType, filter: sought, sort: [], count });
  return [...page.versions];
}
