/** The next version of a resource: rights on the state before and after, preconditions, meta and index. */
import type { Resource } from '@medplum/fhirtypes';
import { ElementRefusal, elementTest, keepLimited, type Principal } from '../access/index.ts';
import { carryNumbers, toJson } from '../fhir/json/index.ts';
import { badRequest, conflict, forbidden, preconditionFailed, type FhirError } from '../fhir/outcome.ts';
import { EMPTY_INDEX, extractIndex } from '../search/index.ts';
import type { LockedVersion, NewVersion } from '../storage/index.ts';
import { unknownResource } from './permit.ts';
import type { Request } from './server.ts';

export interface PlannedWrite {
  readonly interaction: 'create' | 'update' | 'patch' | 'delete';
  readonly resourceType: string;
  readonly id: string;
  /** The new state; absent for a deletion. */
  readonly resource?: Resource;
  /** The version that the client has seen, from If-Match. */
  readonly ifMatch?: string | undefined;
  /** If-None-Match: *, the write must make the resource. */
  readonly mustBeNew?: boolean;
  /** Of a condition that matched nothing, beside the id of the body: a resource of that id is another one. */
  readonly isUnmatched?: boolean;
  /** Where the write stands, for outcomes: `Bundle.entry[3]`. */
  readonly place?: string | undefined;
}

/** A write whose next version is made, and not yet stored. */
export interface PlannedVersion {
  readonly write: PlannedWrite;
  /** The new state with the elements that are hidden from the writer, before anything is concealed. */
  readonly whole?: Resource;
  readonly stored: NewVersion;
  readonly isNew: boolean;
  readonly isRepeat: boolean;
}

/**
 * The next version, from what is locked. Whether the caller may write it, check-new-versions.ts decides. Throws 400 (If-Match malformed), 403, 404 (delete of unknown, or hidden), 412.
 */
export function planVersion(
  request: Request,
  write: PlannedWrite,
  before: LockedVersion | undefined,
  now: number,
): PlannedVersion {
  const { resourceType, id, interaction, resource } = write;
  const isThere = before !== undefined && !before.deleted;
  // A deleted resource has no index, so only those whom no filter restricts may take its id up again.
  if (before !== undefined && !before.permitted) {
    // A precondition fails as it would if nothing were there.
    checkPreconditions(write, undefined);
    throw unknownResource(resourceType, id);
  }
  checkPreconditions(write, before);
  if ((interaction === 'delete' || interaction === 'patch') && before === undefined)
    throw unknownResource(resourceType, id);
  const versionId = (before?.versionId ?? 0) + 1;
  const base = { resourceType, id, lastUpdated: now, replaces: before !== undefined };
  if (resource === undefined) {
    const stored: NewVersion = { ...base, interaction: 'delete', versionId, content: '', index: EMPTY_INDEX };
    const isRepeat = before?.deleted === true;
    return {
      write,
      stored: isRepeat ? { ...stored, versionId: versionId - 1 } : stored,
      isNew: false,
      isRepeat,
    };
  }
  const { registry, config, writeRules } = request.server;
  const whole = withinLimits(request.principal, write, resource, isThere ? before.content : undefined);
  // What nobody shall read back is in no version.
  const stamped = stamp(writeRules[resourceType]?.conceal?.(whole) ?? whole, id, versionId, now);
  const index = extractIndex(stamped, { registry, baseUrl: config.fhirBase });
  const stored: NewVersion = {
    ...base,
    interaction: isThere ? 'update' : 'create',
    versionId,
    content: toJson(stamped),
    index,
  };
  return { write, whole, stored, isNew: !isThere, isRepeat: false };
}

/** Hidden elements stay as they are. Throws 403 for those that the caller may not write. */
function withinLimits(
  { policy }: Principal,
  write: PlannedWrite,
  resource: Resource,
  stored: string | undefined,
): Resource {
  if (policy.elements === undefined) return resource;
  try {
    return keepLimited(policy, resource as Resource & Record<string, unknown>, stored) as unknown as Resource;
  } catch (error) {
    if (!(error instanceof ElementRefusal)) throw error;
    throw forbidden(error.message, write.place ?? `${write.resourceType}.${error.element}`);
  }
}

/** Whether the next version depends on the content of the one before. */
export const needsContent = ({ policy }: Principal, resourceType: string): boolean =>
  elementTest(policy, resourceType) !== undefined;

export const outsideRights = (write: PlannedWrite): FhirError =>
  forbidden(`You may not write a ${write.resourceType} with this content`, write.place ?? write.resourceType);

/** Throws 400, 409 or 412. https://hl7.org/fhir/R4/http.html#concurrency */
export function checkPreconditions(write: PlannedWrite, before: LockedVersion | undefined): void {
  const name = `${write.resourceType}/${write.id}`;
  if (write.mustBeNew === true && before !== undefined && !before.deleted)
    throw preconditionFailed(`${name} exists already, at version ${before.versionId}`, write.place);
  if (write.isUnmatched === true && before !== undefined && !before.deleted)
    throw conflict(`${name} exists already and does not match the condition`, write.place);
  if (write.ifMatch === undefined) return;
  const seen = /^(?:W\/)?"(\d{1,9})"$/.exec(write.ifMatch.trim())?.[1];
  if (seen === undefined)
    throw badRequest('If-Match must be a version such as W/"3"', write.place ?? 'http.If-Match');
  if (before === undefined || before.deleted)
    throw preconditionFailed(`${name} does not exist, so it has no version ${seen}`, write.place);
  if (Number(seen) !== before.versionId)
    throw preconditionFailed(`${name} is at version ${before.versionId}, not ${seen}`, write.place);
}

/** The stored form: id and meta are the server's, the rest is as it came. */
function stamp(resource: Resource, id: string, versionId: number, now: number): Resource {
  const { resourceType, id: _id, meta, ...rest } = resource;
  const lastUpdated = new Date(now).toISOString();
  return carryNumbers(resource, {
    resourceType,
    id,
    meta: { ...meta, versionId: String(versionId), lastUpdated },
    ...rest,
  } as Resource);
}
