/** What the requester of an export may read at this moment. */
import { createHash } from 'node:crypto';
import type { Principal } from '../access/index.ts';
import { permitted, type Request } from '../interaction/index.ts';
import { and, type Expression } from '../search/index.ts';
import { matchingIds } from '../storage/index.ts';
import type { ExportJob, Requester } from './export-job.ts';

/** The rights that a requester has now, never more than those of the token; undefined when client or user are gone or locked. */
export type LoadRequester = (requester: Requester) => Promise<Principal | undefined>;

export const requesterOf = ({ clientId, userId, scopes, patient, encounter }: Principal): Requester => ({
  clientId,
  scopes: scopes.map(({ text }) => text),
  ...(userId !== undefined && { userId }),
  ...(patient !== undefined && { patient }),
  ...(encounter !== undefined && { encounter }),
});

/** To find all of a type and to read each: both are asked of an export. Undefined when there is no such right. */
export function exportRight(request: Request, resourceType: string): Expression | undefined {
  const found = permitted(request, 'search-type', resourceType);
  const read = found && permitted(request, 'read', resourceType);
  // Most often they are the same, which the database need not be asked twice.
  return read && (JSON.stringify(found) === JSON.stringify(read) ? found : and(found, read));
}

/** Changes when scopes, role or policy do. */
export const rightsDigest = ({
  scopes,
  policy,
  clearance,
  fhirUser,
  organization,
  patient,
}: Principal): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        scopes.map(({ text }) => text).toSorted(),
        policy,
        clearance,
        fhirUser,
        organization,
        patient,
      ]),
    )
    .digest('hex');

/** Whether the Group of an export is there, and may be read. */
export async function mayReadGroup(request: Request, groupId: string): Promise<boolean> {
  const right = permitted(request, 'read', 'Group');
  return right !== undefined && (await seenOf(request, 'Group', right, [groupId])).size === 1;
}

/** Those of the ids that exist and pass. */
export async function seenOf(
  { server }: Request,
  resourceType: string,
  right: Expression,
  ids: readonly string[],
): Promise<Set<string>> {
  if (ids.length === 0 || !(await server.tables.exists(resourceType))) return new Set();
  return matchingIds(server.pool, server.registry, resourceType, right, ids);
}

/** Tells the client, and ends the job. */
export class RightsLost extends Error {}

/** Throws RightsLost. */
export async function currentRights(
  server: Request['server'],
  job: ExportJob,
  load: LoadRequester,
): Promise<{ readonly request: Request; readonly digest: string }> {
  const principal = await load(job.requester);
  if (principal === undefined)
    throw new RightsLost('The client or the user that started it has no rights any more');
  const request: Request = { server, principal, db: server.pool };
  const { groupId } = job.request;
  if (groupId !== undefined && !(await mayReadGroup(request, groupId)))
    throw new RightsLost('The Group cannot be read any more');
  return { request, digest: rightsDigest(principal) };
}
