/**
 * Group commit: writes of single resources that arrive while others are being committed share a transaction, its
 * statements and its flush to disk. Each keeps its own rights, preconditions and error. A group waits for no one: what
 * others hold, and every group that the database refuses, is written one by one.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { databaseFault, type Pool, type PoolClient, withTransaction } from '../db/index.ts';
import { FhirError } from '../fhir/outcome.ts';
import { type Context, isTracing, together, tracedContext, traceparentOf } from '../platform/tracing.ts';
import type { Expression } from '../search/index.ts';
import {
  knownIds,
  lockVersions,
  writeVersions,
  type LockedVersion,
  type StoredVersion,
} from '../storage/index.ts';
import { matchOf, tryConditions, type Condition } from './condition.ts';
import { toDone, type DoneWrite } from './commit-writes.ts';
import { refusedVersions } from './check-new-versions.ts';
import { permit } from './permit.ts';
import { needsContent, planVersion, type PlannedVersion, type PlannedWrite } from './plan-version.ts';
import { recordWrites } from './record-access.ts';
import type { Request } from './server.ts';
import { noteWriter } from './stale-read.ts';

/** Groups under way at once: while one waits for the disk, another can be prepared. */
const GROUPS_MAX = 2;
const MEMBERS_MAX = 48;

/** What a member of a group comes to: written, found by its condition, or to be written alone. */
export type GroupResult = DoneWrite | { readonly found: StoredVersion } | 'alone';

export interface GroupWrite {
  readonly request: Request;
  readonly write: PlannedWrite;
  /** Of a conditional create. */
  readonly condition?: Condition | undefined;
}

interface Member extends GroupWrite {
  /** Where in a trace the write was asked for. */
  readonly traced: Context | undefined;
  readonly resolve: (result: GroupResult) => void;
  readonly reject: (error: unknown) => void;
}

interface Queue {
  waiting: Member[];
  running: number;
  /** Resources and conditions of groups under way; another write of one of them comes in a later group. */
  readonly held: Set<string>;
}

const queues = new WeakMap<Pool, Queue>();

/** The type's tables must exist. Rejects with FhirError as commitWrites does, or with the fault of the database. */
export function writeInGroup(of: GroupWrite): Promise<GroupResult> {
  const { pool } = of.request.server;
  let queue = queues.get(pool);
  if (!queue) queues.set(pool, (queue = { waiting: [], running: 0, held: new Set() }));
  const { promise, resolve, reject } = Promise.withResolvers<GroupResult>();
  queue.waiting.push({ ...of, traced: tracedContext(), resolve, reject });
  if (queue.running < GROUPS_MAX) void runGroups(pool, queue);
  return promise;
}

async function runGroups(pool: Pool, queue: Queue): Promise<void> {
  queue.running += 1;
  // What else arrives in this turn of the event loop comes along.
  await nextTurn();
  for (let members = take(queue); members.length > 0; members = take(queue)) {
    if (isTracing())
      await together('write together', members.map(tracedOf), () => runGroup(pool, members)); // prettier-ignore
    else await runGroup(pool, members);
    for (const member of members) queue.held.delete(nameOf(member));
  }
  queue.running -= 1;
}

const tracedOf = ({ traced }: Member): Context | undefined => traced;

const nameOf = ({ write, condition }: GroupWrite): string =>
  condition?.key ?? `${write.resourceType}/${write.id}`;

/** The first that wait, without those whose resource is held. */
function take(queue: Queue): Member[] {
  const taken: Member[] = [];
  const left: Member[] = [];
  for (const member of queue.waiting) {
    const name = nameOf(member);
    if (taken.length === MEMBERS_MAX || queue.held.has(name)) left.push(member);
    else {
      queue.held.add(name);
      taken.push(member);
    }
  }
  queue.waiting = left;
  return taken;
}

/** Settles all members, and never throws. */
async function runGroup(pool: Pool, members: readonly Member[]): Promise<void> {
  const planned = new Map<Member, PlannedVersion>();
  try {
    await withTransaction(pool, async (client) => {
      // Also who is told that it was there already.
      for (const { request } of members) noteWriter(client, request.principal);
      await planAll(client, members, planned);
      const fresh = [...planned].filter(([, plan]) => !plan.isRepeat);
      const stored = fresh.map(([{ traced }, { stored: version }]) =>
        isTracing() ? { ...version, traceparent: traceparentOf(traced) ?? null } : version,
      );
      // Sent together: the second does not wait for the answer to the first.
      await Promise.all([
        writeVersions(client, members[0]!.request.server.registry, stored),
        recordWrites(
          client,
          fresh.map(([{ request }, plan]) => [request, [plan]]),
        ),
      ]);
    });
    for (const [member, plan] of planned) member.resolve(toDone(plan));
  } catch (error) {
    // One member's fault must not be another's; but of a lost connection nobody knows what was committed before.
    const isRefusal = error instanceof FhirError || (error as { code?: unknown } | null)?.code !== undefined;
    const mayRepeat = isRefusal && databaseFault(error) !== 'unavailable';
    for (const member of members)
      if (mayRepeat) member.resolve('alone');
      else member.reject(error);
  }
}

/** Settles those that fail or cannot be had now; the others are planned. */
async function planAll(
  client: PoolClient,
  members: readonly Member[],
  planned: Map<Member, PlannedVersion>,
): Promise<void> {
  const now = Date.now();
  const filters = new Map<Member, Expression>();
  for (const member of await unmatched(client, members))
    attempt(member, () => filters.set(member, filterOf(member)));
  const held = await lockAll(client, [...filters]);
  for (const [member] of filters) {
    const { request, write } = member;
    const before = held.get(member);
    if (before === 'busy') member.resolve('alone');
    else attempt(member, () => planned.set(member, planVersion(request, write, before, now)));
  }
  // Each member's rights are his own, and so are the Patients that he writes.
  for (const [member, plan] of [...planned]) {
    const right = { planned: plan, filter: filters.get(member)! };
    const refusal = (await refusedVersions(member.request.server, client, [right])).get(plan);
    if (refusal === undefined) continue;
    planned.delete(member);
    member.reject(refusal);
  }
}

/** Those without a condition, and those whose condition matches nothing; the others are settled. */
async function unmatched(client: PoolClient, members: readonly Member[]): Promise<Member[]> {
  const keys = members.flatMap((m) => m.condition?.key ?? []);
  if (keys.length === 0) return [...members];
  const free = await tryConditions(client, keys);
  const isUnmatched = await Promise.all(
    members.map(async (member) => {
      const { request, condition, resolve, reject } = member;
      if (condition === undefined) return true;
      if (!free.has(condition.key)) resolve('alone');
      else
        try {
          const found = await matchOf(request, client, condition);
          if (found === undefined) return true;
          resolve({ found });
        } catch (error) {
          // What the database refuses ends the transaction, and each is written alone.
          if (!(error instanceof FhirError)) throw error;
          reject(error);
        }
      return false;
    }),
  );
  return members.filter((_, i) => isUnmatched[i]);
}

const filterOf = ({ request, write }: Member): Expression =>
  permit(request, write.interaction, write.resourceType);

function attempt(member: Member, act: () => void): void {
  try {
    act();
  } catch (error) {
    member.reject(error);
  }
}

type Held = LockedVersion | 'busy' | undefined;

/** Locks what is to be changed, without waiting; `busy` is what another transaction holds. */
async function lockAll(
  client: PoolClient,
  members: readonly (readonly [Member, Expression])[],
): Promise<Map<Member, Held>> {
  const held = new Map<Member, Held>();
  const changes = members.filter(([m]) => m.write.interaction !== 'create');
  const byFilter = Map.groupBy(changes, ([, filter]) => (filter.kind === 'all' ? 'all' : filter));
  await Promise.all(
    [...byFilter.values()].flatMap((part) =>
      [...Map.groupBy(part, ([m]) => m.write.resourceType).values()].map(async (group) => {
        const [{ request, write }, filter] = group[0]!;
        const { resourceType } = write;
        const ids = group.map(([m]) => m.write.id);
        const { registry } = request.server;
        const locked = await lockVersions(client, registry, resourceType, ids, filter, {
          isPatient: false,
          withContent: group.some(([m]) => needsContent(m.request.principal, resourceType)),
        });
        const absent = ids.filter((id) => !locked.has(id));
        const busy = absent.length > 0 ? await knownIds(client, resourceType, absent) : new Set();
        for (const [m] of group) held.set(m, busy.has(m.write.id) ? 'busy' : locked.get(m.write.id));
      }),
    ),
  );
  return held;
}
