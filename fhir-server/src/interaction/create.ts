/** create, also conditional. https://hl7.org/fhir/R4/http.html#create and #ccreate */
import { randomUUID } from 'node:crypto';
import type { PoolClient } from '../db/index.ts';
import { multipleMatches } from '../fhir/outcome.ts';
import { parseSearch } from '../search/index.ts';
import { findIds, type StoredVersion } from '../storage/index.ts';
import { writtenAnswer, type Answer, type ReturnPreference } from './answer.ts';
import { checkResource } from './check-resource.ts';
import { commitWrites } from './commit-writes.ts';
import { permit } from './permit.ts';
import { resolveSearch } from './resolve-search.ts';
import type { Request } from './server.ts';
import { inWriteTransaction } from './write-transaction.ts';

export interface CreateOptions {
  /** If-None-Exist: a search of the type, without the question mark. */
  readonly ifNoneExist?: string | undefined;
  readonly preference: ReturnPreference;
}

export async function create(
  request: Request,
  resourceType: string,
  value: unknown,
  options: CreateOptions,
): Promise<Answer> {
  permit(request, 'create', resourceType);
  const resource = checkResource(request.server, value, resourceType);
  const { config } = request.server;
  return inWriteTransaction(request, [resourceType], async (client) => {
    if (options.ifNoneExist !== undefined) {
      const found = await findForCreate(request, client, resourceType, options.ifNoneExist);
      if (found) return writtenAnswer(config, resourceType, found, 200, options.preference);
    }
    const [done] = await commitWrites(request, client, [
      { interaction: 'create', resourceType, id: randomUUID(), resource },
    ]);
    return writtenAnswer(config, resourceType, done!.version, 201, options.preference);
  });
}

/**
 * The one match of a conditional create within the caller's view, if there is one. Others who create on the same
 * condition wait until this transaction ends, so that a race makes one resource. Throws 412 on several matches.
 */
export async function findForCreate(
  request: Request,
  client: PoolClient,
  resourceType: string,
  query: string,
  place = 'http.If-None-Exist',
): Promise<StoredVersion | undefined> {
  await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`${resourceType}?${query}`]);
  const found = await findMatches(request, client, resourceType, query);
  if (found.length > 1)
    throw multipleMatches(`More than one ${resourceType} matches the condition of the create`, place);
  return found[0];
}

/** At most two matches of a condition among what the caller may find. */
export async function findMatches(
  request: Request,
  client: PoolClient,
  resourceType: string,
  query: string,
): Promise<StoredVersion[]> {
  const { registry, config } = request.server;
  const permitted = permit(request, 'search-type', resourceType);
  const search = parseSearch(resourceType, new URLSearchParams(query), {
    registry,
    baseUrl: config.fhirBase,
    pageSize: 2,
    pageSizeMax: 2,
    handling: 'strict',
    now: new Date(),
  });
  const sought = await resolveSearch(request, resourceType, search.filter);
  return findIds(client, registry, resourceType, sought, permitted, 2);
}
