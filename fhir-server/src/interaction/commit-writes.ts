/**
 * The way of every write into storage: lock, decide access on the state before and after, check preconditions, stamp
 * meta, index, store, record the event; all in one transaction.
 */
import type { Resource } from '@medplum/fhirtypes';
import type { PoolClient } from '../db/index.ts';
import { badRequest, forbidden, preconditionFailed, type FhirError } from '../fhir/outcome.ts';
import { EMPTY_INDEX, extractIndex, matches, type Expression } from '../search/index.ts';
import {
  lockVersions,
  writeVersions,
  type LockedVersion,
  type NewVersion,
  type StoredVersion,
} from '../storage/index.ts';
import { permit, unknownResource } from './permit.ts';
import type { Request } from './server.ts';

export interface PlannedWrite {
  readonly interaction: 'create' | 'update' | 'delete';
  readonly resourceType: string;
  readonly id: string;
  /** The new state; absent for a deletion. */
  readonly resource?: Resource;
  /** The version that the client has seen, from If-Match. */
  readonly ifMatch?: string | undefined;
  /** If-None-Match: *, the write must make the resource. */
  readonly mustBeNew?: boolean;
  /** Where the write stands, for outcomes: `Bundle.entry[3]`. */
  readonly place?: string | undefined;
}

export interface DoneWrite {
  readonly write: PlannedWrite;
  readonly version: StoredVersion;
  /** Nothing was there before, or what was there had been deleted. */
  readonly isNew: boolean;
  /** A deletion of what was deleted already: nothing was written. */
  readonly isRepeat: boolean;
}

/**
 * Writes all or throws. Works on the client of a running transaction; the tables must exist. Each type and id may occur
 * once. Throws 400 (If-Match malformed), 403, 404 (delete of unknown, or hidden from the caller), 412.
 */
export async function commitWrites(
  request: Request,
  client: PoolClient,
  writes: readonly PlannedWrite[],
): Promise<DoneWrite[]> {
  const filters = new Map<string, Expression>();
  const filterOf = (write: PlannedWrite): Expression => {
    const key = `${write.interaction} ${write.resourceType}`;
    const known = filters.get(key) ?? permit(request, write.interaction, write.resourceType);
    filters.set(key, known);
    return known;
  };
  for (const write of writes) filterOf(write);
  const locked = await lockAll(request, client, writes, filterOf);
  const now = Date.now();
  const done = writes.map((write) =>
    planVersion(
      request,
      write,
      locked.get(`${write.interaction} ${write.resourceType}/${write.id}`),
      filterOf(write),
      now,
    ),
  );
  await writeVersions(
    client,
    request.server.registry,
    done.filter((d) => !d.isRepeat).map((d) => d.stored),
  );
  for (const { write } of done) {
    await request.server.writeRules[write.resourceType]?.record?.(client, write.id, request.principal);
  }
  return done.map(({ write, stored, isNew, isRepeat }) => ({
    write,
    isNew,
    isRepeat,
    version: { ...stored, deleted: stored.interaction === 'delete' },
  }));
}

/** Rows are locked type by type and id by id in one order for all writers, so that two bundles cannot deadlock. */
async function lockAll(
  request: Request,
  client: PoolClient,
  writes: readonly PlannedWrite[],
  filterOf: (write: PlannedWrite) => Expression,
): Promise<Map<string, LockedVersion>> {
  const locked = new Map<string, LockedVersion>();
  const groups = Map.groupBy(
    writes.filter((w) => w.interaction !== 'create'),
    (w) => `${w.resourceType} ${w.interaction}`,
  );
  for (const name of [...groups.keys()].sort()) {
    const group = groups.get(name) ?? [];
    const first = group[0]!;
    const rows = await lockVersions(
      client,
      request.server.registry,
      first.resourceType,
      group.map((w) => w.id),
      filterOf(first),
    );
    for (const [id, row] of rows) locked.set(`${first.interaction} ${first.resourceType}/${id}`, row);
  }
  return locked;
}

interface PlannedVersion {
  readonly write: PlannedWrite;
  readonly stored: NewVersion;
  readonly isNew: boolean;
  readonly isRepeat: boolean;
}

function planVersion(
  request: Request,
  write: PlannedWrite,
  before: LockedVersion | undefined,
  filter: Expression,
  now: number,
): PlannedVersion {
  const { resourceType, id, interaction, resource } = write;
  const isThere = before !== undefined && !before.deleted;
  // A deleted resource has no index, so only those whom no filter restricts may take its id up again.
  if (before !== undefined && !before.permitted) throw unknownResource(resourceType, id);
  checkPreconditions(write, before);
  if (interaction === 'delete' && before === undefined) throw unknownResource(resourceType, id);
  const versionId = (before?.versionId ?? 0) + 1;
  const base = { resourceType, id, lastUpdated: now, replaces: before !== undefined };
  if (resource === undefined) {
    const stored: NewVersion = { ...base, interaction, versionId, content: '', index: EMPTY_INDEX };
    const isRepeat = before?.deleted === true;
    return {
      write,
      stored: isRepeat ? { ...stored, versionId: versionId - 1 } : stored,
      isNew: false,
      isRepeat,
    };
  }
  const stamped = stamp(resource, id, versionId, now);
  const { registry, config } = request.server;
  const index = extractIndex(stamped, { registry, baseUrl: config.fhirBase });
  if (!matches(filter, { id, lastUpdated: now, index })) throw outsideRights(write);
  const stored: NewVersion = {
    ...base,
    interaction: isThere ? 'update' : 'create',
    versionId,
    content: JSON.stringify(stamped),
    index,
  };
  return { write, stored, isNew: !isThere, isRepeat: false };
}

const outsideRights = (write: PlannedWrite): FhirError =>
  forbidden(`You may not write a ${write.resourceType} with this content`, write.place ?? write.resourceType);

/** https://hl7.org/fhir/R4/http.html#concurrency */
function checkPreconditions(write: PlannedWrite, before: LockedVersion | undefined): void {
  const name = `${write.resourceType}/${write.id}`;
  if (write.mustBeNew === true && before !== undefined && !before.deleted)
    throw preconditionFailed(`${name} exists already, at version ${before.versionId}`, write.place);
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
  return {
    resourceType,
    id,
    meta: { ...meta, versionId: String(versionId), lastUpdated },
    ...rest,
  } as Resource;
}
