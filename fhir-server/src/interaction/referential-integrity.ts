/**
 * Whether references lead to resources that are there, and whether what is deleted is still referred to.
 * https://hl7.org/fhir/R4/http.html#delete and https://hl7.org/fhir/R4/references.html#integrity
 */
import type { OperationOutcomeIssue, Resource } from '@medplum/fhirtypes';
import type { PoolClient, Queryable } from '../db/index.ts';
import { isResourceType, resourceTypes } from '../fhir/definitions/index.ts';
import { FhirError, issue } from '../fhir/outcome.ts';
import { ALL, or } from '../search/index.ts';
import { findIds, findTargets, holdTargets } from '../storage/index.ts';
import { checkIndexed, permitted } from './permit.ts';
import type { PlannedWrite } from './plan-version.ts';
import { referenceParameters, referTo } from './refer-to.ts';
import { type PlacedReference, referencesOf } from './references-of.ts';
import type { Request } from './server.ts';

/** What is told of each write; empty where nothing is amiss. */
export type Advice = ReadonlyMap<PlannedWrite, readonly OperationOutcomeIssue[]>;

const NO_ADVICE: Advice = new Map();
/** Of what refers to a deleted resource so many are named. */
const REFERRERS_NAMED_MAX = 5;

interface Target extends PlacedReference {
  readonly write: PlannedWrite;
}

/**
 * To be called when all writes of a transaction are made and nothing is committed. Holds what is referred to, against those
 * who would delete it, until the end. Throws 422 for references that lead nowhere and 409 for deletions of what is referred to
 * when integrity is enforced; otherwise they are what is answered.
 */
export async function checkIntegrity(
  request: Request,
  client: PoolClient,
  writes: readonly PlannedWrite[],
): Promise<Advice> {
  const { referentialIntegrity: mode } = request.server.config;
  if (mode === 'off') return NO_ADVICE;
  const deletions = writes.filter(isDeletion);
  await holdTargets(client, targetsOf(request, writes).map(nameOf), deletions.map(nameOf));
  const advice = await integrityIssues(request, client, writes);
  if (mode === 'enforce' && advice.size > 0) {
    const isDangling = [...advice.keys()].some((write) => !isDeletion(write));
    throw new FhirError(isDangling ? 422 : 409, [...advice.values()].flat());
  }
  return advice;
}

/** What is amiss with the references of writes, or would be: errors when integrity is enforced, else warnings. */
export async function integrityIssues(
  request: Request,
  db: Queryable,
  writes: readonly PlannedWrite[],
): Promise<Advice> {
  const { referentialIntegrity: mode } = request.server.config;
  if (mode === 'off') return NO_ADVICE;
  const severity = mode === 'enforce' ? 'error' : 'warning';
  const advice = new Map<PlannedWrite, OperationOutcomeIssue[]>();
  const add = (write: PlannedWrite, found: OperationOutcomeIssue): void => {
    advice.set(write, [...(advice.get(write) ?? []), found]);
  };
  for (const target of await findDangling(request, db, targetsOf(request, writes)))
    add(target.write, missing(target, severity));
  for (const write of writes.filter(isDeletion)) {
    const found = await referrersOf(request, db, write, severity);
    if (found !== undefined) add(write, found);
  }
  return advice;
}

const isDeletion = ({ interaction }: PlannedWrite): boolean => interaction === 'delete';

const nameOf = (of: { readonly resourceType: string; readonly id: string }): string =>
  `${of.resourceType}/${of.id}`;

const targetsOf = (request: Request, writes: readonly PlannedWrite[]): Target[] =>
  writes.flatMap((write) =>
    write.resource === undefined
      ? []
      : referencesOf(write.resource, placeOf(write, write.resource), request.server.config.fhirBase).map(
          (reference) => ({ ...reference, write }),
        ),
  );

/** In a Bundle the resource of the entry. */
function placeOf({ place }: PlannedWrite, { resourceType }: Resource): string {
  if (place === undefined) return resourceType;
  return place.endsWith(']') ? `${place}.resource` : place;
}

const missing = (
  { resourceType, id, versionId, place }: Target,
  severity: 'error' | 'warning',
): OperationOutcomeIssue => {
  const version = versionId === undefined ? '' : `/_history/${versionId}`;
  return issue('not-found', `There is no ${resourceType}/${id}${version} to refer to`, place, severity);
};

/** What the caller may not read is for him as if it were not there: a reference must not tell that it is. */
async function findDangling(
  request: Request,
  db: Queryable,
  targets: readonly Target[],
): Promise<readonly Target[]> {
  const { registry, tables } = request.server;
  const dangling: Target[] = [];
  const named = [...new Set(targets.map(({ resourceType }) => resourceType))];
  const types = new Set(await tables.existing(named.filter(isResourceType), db));
  for (const [resourceType, ofType] of Map.groupBy(targets, (target) => target.resourceType)) {
    const filter = types.has(resourceType) ? permitted(request, 'read', resourceType) : undefined;
    const found =
      filter === undefined
        ? new Map<string, never>()
        : await findTargets(db, registry, resourceType, [...new Set(ofType.map(({ id }) => id))], filter);
    dangling.push(...ofType.filter((target) => !isThere(found.get(target.id), target.versionId)));
  }
  return dangling;
}

function isThere(
  found: { readonly versionId: number; readonly deleted: boolean } | undefined,
  version: string | undefined,
): boolean {
  if (found === undefined) return false;
  if (version === undefined) return !found.deleted;
  const isOfServer = /^[1-9]\d{0,8}$/.test(version) && Number(version) <= found.versionId;
  // The last version of what is deleted is its deletion.
  return isOfServer && !(found.deleted && Number(version) === found.versionId);
}

/** Undefined when nothing refers to it any more, as all writes of the transaction leave it. */
async function referrersOf(
  request: Request,
  db: Queryable,
  { resourceType, id, place }: PlannedWrite,
  severity: 'error' | 'warning',
): Promise<OperationOutcomeIssue | undefined> {
  const { registry, tables } = request.server;
  const named: string[] = [];
  let isMore = false;
  const types = await tables.existing(resourceTypes(), db);
  const found = await Promise.all(
    types.map(async (sourceType) => {
      const refers = or(
        ...referenceParameters(request, sourceType, '*').map((p) =>
          referTo(request, sourceType, p, [{ resourceType, id }]),
        ),
      );
      if (refers.kind === 'none') return [];
      checkIndexed(request, sourceType);
      const all = await findIds(db, registry, sourceType, refers, ALL, REFERRERS_NAMED_MAX + 1);
      if (all.length === 0) return [];
      const filter = permitted(request, 'read', sourceType);
      const seen = filter === undefined ? [] : await findIds(db, registry, sourceType, refers, filter, REFERRERS_NAMED_MAX + 1); // prettier-ignore
      // What refuses the deletion is told of; where it is done all the same, others' resources are not.
      if (severity === 'error' && seen.length < all.length) isMore = true;
      return seen.map((version) => `${sourceType}/${version.id}`);
    }),
  );
  for (const name of found.flat())
    if (named.length < REFERRERS_NAMED_MAX) named.push(name);
    else isMore = true;
  if (named.length === 0 && !isMore) return undefined;
  const others = named.length === 0 ? ['other resources'] : isMore ? [...named, 'others'] : named;
  const text = `${resourceType}/${id} is referred to by ${others.join(', ')}`;
  return issue('conflict', text, place ?? resourceType, severity);
}
