/** patch, also conditional: a part of a resource is changed, and nothing else. https://hl7.org/fhir/R4/http.html#patch */
import type { PoolClient } from '../db/index.ts';
import { gone, notFound } from '../fhir/outcome.ts';
import { lockVersions, type StoredVersion } from '../storage/index.ts';
import { writtenAnswer, type Answer, type ReturnPreference } from './answer.ts';
import { checkProfiles } from './check-profiles.ts';
import { checkResource } from './check-resource.ts';
import { commitWrites } from './commit-writes.ts';
import { holdConditions, matchOf, parseCondition } from './condition.ts';
import { applyPatch, type PatchDocument } from './patch-document.ts';
import { disclose } from './disclose.ts';
import { permit, permitted, unknownResource } from './permit.ts';
import { checkPreconditions, type PlannedWrite } from './plan-version.ts';
import type { Request } from './server.ts';
import { checkBodyId } from './update.ts';
import { mayReadVersion } from './vread.ts';
import { inWriteTransaction } from './write-transaction.ts';

export interface PatchOptions {
  readonly ifMatch?: string | undefined;
  readonly preference: ReturnPreference;
}

export interface Patch {
  readonly resourceType: string;
  readonly id: string;
  readonly document: PatchDocument;
  readonly ifMatch?: string | undefined;
  /** Where it stands in a Bundle, for outcomes. */
  readonly place?: string | undefined;
}

/** Throws 400 and 422 (a patch that cannot be understood or applied), 403, 404, 410, 412. */
export async function patch(
  request: Request,
  resourceType: string,
  id: string,
  document: PatchDocument,
  { ifMatch, preference }: PatchOptions,
): Promise<Answer> {
  permit(request, 'patch', resourceType);
  if (!(await request.server.tables.exists(resourceType))) throw unknownResource(resourceType, id);
  return inWriteTransaction(request, [resourceType], (client) =>
    commitPatch(request, client, { resourceType, id, document, ifMatch }, preference),
  );
}

/** `query` is the search of the type that stands in the URL. Throws as patch does; 404 for no match, 412 for several. */
export async function conditionalPatch(
  request: Request,
  resourceType: string,
  query: readonly (readonly [string, string])[],
  document: PatchDocument,
  { ifMatch, preference }: PatchOptions,
): Promise<Answer> {
  permit(request, 'patch', resourceType);
  const condition = parseCondition(request, resourceType, query, resourceType);
  return inWriteTransaction(request, [resourceType], async (client) => {
    await holdConditions(client, [condition.key]);
    const found = await matchOf({ ...request, db: client }, client, condition);
    if (found === undefined) throw notFound(`No ${resourceType} matches the condition`, resourceType);
    return commitPatch(request, client, { resourceType, id: found.id, document, ifMatch }, preference);
  });
}

async function commitPatch(
  request: Request,
  client: PoolClient,
  of: Patch,
  preference: ReturnPreference,
): Promise<Answer> {
  const [done] = await commitWrites(request, client, await planPatches(request, client, [of]));
  const { version, advice } = done!;
  const shown = await shownAfterPatch(request, client, of.resourceType, version, preference);
  return writtenAnswer(request, of.resourceType, version, 200, shown, advice);
}

/** A patch does not show what it left as it was to who may change a resource and not read it. */
export async function shownAfterPatch(
  request: Request,
  client: PoolClient,
  resourceType: string,
  version: StoredVersion,
  preference: ReturnPreference,
): Promise<ReturnPreference> {
  if (preference !== 'representation') return preference;
  const filter = permitted(request, 'read', resourceType);
  const reader = { server: request.server, db: client };
  const isSeen = filter !== undefined && (await mayReadVersion(reader, resourceType, version, filter));
  return isSeen ? preference : 'minimal';
}

/** Locks what is to be patched until the end of the transaction, and works out its next state, in the order given. */
export async function planPatches(
  request: Request,
  client: PoolClient,
  patches: readonly Patch[],
): Promise<PlannedWrite[]> {
  const { registry } = request.server;
  const locked = new Map<string, Awaited<ReturnType<typeof lockVersions>>>();
  const byType = Map.groupBy(patches, (p) => p.resourceType);
  // In one order for all writers, so that two of them cannot wait for each other.
  for (const resourceType of [...byType.keys()].sort()) {
    const ids = byType.get(resourceType)!.map(({ id }) => id);
    const filter = permit(request, 'patch', resourceType);
    const options = { withContent: true };
    locked.set(resourceType, await lockVersions(client, registry, resourceType, ids, filter, options));
  }
  const planned = patches.map(({ resourceType, id, document, ifMatch, place }) => {
    const before = locked.get(resourceType)?.get(id);
    if (before?.permitted !== true) throw unknownResource(resourceType, id);
    if (before.deleted) throw gone(`${resourceType}/${id} was deleted at version ${before.versionId}`);
    const write = { interaction: 'patch', resourceType, id, ifMatch, place } as const;
    checkPreconditions(write, before);
    // What he does not see he can neither test nor move.
    const patched = applyPatch(document, disclose(request, resourceType, before.content ?? ''));
    const resource = checkResource(request.server, patched, resourceType, place);
    checkBodyId(resource.id, id, place ?? resourceType);
    return { ...write, resource };
  });
  for (const { resource, place } of planned) await checkProfiles(request.server, resource, place);
  return planned;
}
