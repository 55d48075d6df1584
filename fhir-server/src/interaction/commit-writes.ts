/**
 * The way of every write into storage: lock, decide access on the state before and after, check preconditions, stamp
 * meta, index, store, record the event; all in one transaction.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OperationOutcomeIssue, Resource } from '@medplum/fhirtypes';
import { parseScope, type Principal, shippedPolicy } from '../access/index.ts';
import type { PoolClient } from '../db/index.ts';
import type { Expression } from '../search/index.ts';
import { lockVersions, writeVersions, type LockedVersion, type StoredVersion } from '../storage/index.ts';
import { refusedVersions } from './check-new-versions.ts';
import { permit } from './permit.ts';
import { needsContent, planVersion, type PlannedVersion, type PlannedWrite } from './plan-version.ts';
import { recordWrites } from './record-access.ts';
import { checkIntegrity } from './referential-integrity.ts';
import type { Request } from './server.ts';
import { noteWriter } from './stale-read.ts';

/** After so many resources other requests get their turn. */
const RESOURCES_PER_TURN = 40;

export interface DoneWrite {
  readonly write: PlannedWrite;
  readonly version: StoredVersion;
  /** Nothing was there before, or what was there had been deleted. */
  readonly isNew: boolean;
  /** A deletion of what was deleted already: nothing was written. */
  readonly isRepeat: boolean;
  /** What the writer should know of its references. */
  readonly advice?: readonly OperationOutcomeIssue[] | undefined;
}

/**
 * Writes all or throws. Works on the client of a running transaction; the tables must exist. Each type and id may occur
 * once. Throws 400 (If-Match malformed), 403, 404 (delete of unknown, or hidden from the caller), 409 and 422 (referential
 * integrity), 412.
 */
export async function commitWrites(
  request: Request,
  client: PoolClient,
  writes: readonly PlannedWrite[],
): Promise<DoneWrite[]> {
  const done = await makeWrites(request, client, writes);
  const advice = await checkIntegrity(
    request,
    client,
    done.filter(({ isRepeat }) => !isRepeat).map(({ write }) => write),
  );
  return done.map((one) => ({ ...one, advice: advice.get(one.write) }));
}

/** The same for a part of a transaction, whose integrity is checked when all of it is written. */
export async function makeWrites(
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
  const done: PlannedVersion[] = [];
  for (const write of writes) {
    const before = locked.get(`${write.interaction} ${write.resourceType}/${write.id}`);
    done.push(planVersion(request, write, before, now));
    if (done.length % RESOURCES_PER_TURN === 0) await nextTurn();
  }
  const rights = done.map((planned) => ({ planned, filter: filterOf(planned.write) }));
  for (const refusal of (await refusedVersions(request.server, client, rights)).values()) throw refusal;
  const fresh = done.filter((d) => !d.isRepeat);
  const stored = fresh.map((d) => d.stored);
  noteWriter(client, request.principal);
  await writeVersions(client, request.server.registry, stored);
  await recordWrites(client, [[request, fresh]]);
  for (const [type, written] of Map.groupBy(done, ({ write }) => write.resourceType)) {
    const ids = written.map(({ write }) => write.id);
    const whole = new Map(written.flatMap(({ write, whole }) => (whole ? [[write.id, whole] as const] : [])));
    await request.server.writeRules[type]?.record?.(client, ids, request.principal, whole);
  }
  await followUp(request, client, fresh);
  return done.map(toDone);
}

/** What the rules of the written types want written besides. */
async function followUp(
  request: Request,
  client: PoolClient,
  versions: readonly PlannedVersion[],
): Promise<void> {
  for (const [type, planned] of Map.groupBy(versions, ({ write }) => write.resourceType)) {
    const rule = request.server.writeRules[type];
    if (rule?.follow === undefined) continue;
    const written = planned.map(({ write: { place }, stored: { id, content } }) => ({
      id,
      ...(content !== '' && { resource: JSON.parse(content) as Resource }),
      place,
    }));
    const writes = await rule.follow(client, written);
    if (writes.length > 0) await makeWrites({ ...request, principal: ofServer(request.principal) }, client, writes); // prettier-ignore
  }
}

/** The rights of the server, and the name of who made it act. */
const ofServer = ({ clientId, userId, fhirUser }: Principal): Principal => ({
  kind: 'client',
  clientId,
  ...(userId !== undefined && { userId }),
  ...(fhirUser !== undefined && { fhirUser }),
  scopes: [parseScope('system/*.cruds')!],
  policy: shippedPolicy('client'),
});

/** To be told only when the transaction is committed. */
export const toDone = ({ write, stored, isNew, isRepeat }: PlannedVersion): DoneWrite => ({
  write,
  isNew,
  isRepeat,
  version: { ...stored, deleted: stored.interaction === 'delete' },
});

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
      { withContent: needsContent(request.principal, first.resourceType) },
    );
    for (const [id, row] of rows) locked.set(`${first.interaction} ${first.resourceType}/${id}`, row);
  }
  return locked;
}
