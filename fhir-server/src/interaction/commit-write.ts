/** The write of a single resource: with others of the same moment where that can be, otherwise in a transaction of its own. */
import type { StoredVersion } from '../storage/index.ts';
import { commitWrites, type DoneWrite } from './commit-writes.ts';
import { holdConditions, isShort, matchOf, type Condition } from './condition.ts';
import type { PlannedWrite } from './plan-version.ts';
import type { Request } from './server.ts';
import { writeInGroup, type GroupResult } from './write-group.ts';
import { inWriteTransaction } from './write-transaction.ts';

/** Resolves when the write is committed. Throws as commitWrites does, and 409 when others win each race for the resource. */
export async function commitWrite(request: Request, write: PlannedWrite): Promise<DoneWrite> {
  const result = await tryGroup(request, write);
  if (result !== 'alone' && 'version' in result) return result;
  const [done] = await inWriteTransaction(request, [write.resourceType], (client) =>
    commitWrites(request, client, [write]),
  );
  return done!;
}

export interface CreateResult {
  readonly version: StoredVersion;
  readonly advice?: DoneWrite['advice'];
  /** By the condition; nothing was written. */
  readonly isFound: boolean;
}

/** A create, on a condition if there is one. Throws as commitWrite does, and 412 when the condition matches several. */
export async function commitCreate(
  request: Request,
  write: PlannedWrite,
  condition: Condition | undefined,
): Promise<CreateResult> {
  if (condition === undefined) return { ...(await commitWrite(request, write)), isFound: false };
  const result = isShort(condition) ? await tryGroup(request, write, condition) : 'alone';
  if (result !== 'alone')
    return 'found' in result
      ? { version: result.found, isFound: true }
      : { version: result.version, isFound: false };
  return inWriteTransaction(request, [write.resourceType], async (client) => {
    await holdConditions(client, [condition.key]);
    const found = await matchOf(request, client, condition);
    if (found) return { version: found, isFound: true };
    const [done] = await commitWrites(request, client, [write]);
    return { version: done!.version, advice: done!.advice, isFound: false };
  });
}

async function tryGroup(request: Request, write: PlannedWrite, condition?: Condition): Promise<GroupResult> {
  const { config, tables, writeRules, signalEvents } = request.server;
  // Those who refer to something wait for those who delete it: nobody else waits with them.
  if (config.referentialIntegrity !== 'off') return 'alone';
  // A rule that records, conceals or adds something does so in the transaction of that write.
  const rule = writeRules[write.resourceType];
  if (rule?.record !== undefined || rule?.conceal !== undefined || rule?.follow !== undefined) return 'alone';
  await tables.ensure([write.resourceType]);
  const result = await writeInGroup({ request, write, condition });
  if (result !== 'alone') signalEvents();
  return result;
}
