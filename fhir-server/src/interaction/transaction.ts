/** transaction: all entries or none. https://hl7.org/fhir/R4/http.html#transaction */
import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Resource } from '@medplum/fhirtypes';
import type { PoolClient } from '../db/index.ts';
import { badRequest, FhirError, issue, multipleMatches, preconditionFailed } from '../fhir/outcome.ts';
import type { StoredVersion } from '../storage/index.ts';
import type { Answer, ReturnPreference } from './answer.ts';
import { writtenAnswer } from './answer.ts';
import { bundleEntries, parseEntry, type BundleEntry } from './bundle-entry.ts';
import { entryAnswer, responseBundle } from './bundle-response.ts';
import { checkResource } from './check-resource.ts';
import { commitWrites } from './commit-writes.ts';
import { findMatches, holdConditions, matchOf, parseCondition } from './create-condition.ts';
import { dispatch } from './dispatch.ts';
import { permit } from './permit.ts';
import type { PlannedWrite } from './plan-version.ts';
import type { TypeTarget } from './target.ts';
import { conditionalReferences, resolveReferences } from './resolve-references.ts';
import type { Request } from './server.ts';
import { checkBodyId, parseIfNoneMatch } from './update.ts';
import { inWriteTransaction } from './write-transaction.ts';

/** After so many resources other requests get their turn. */
const RESOURCES_PER_TURN = 40;

/** What an entry that writes is about to do. */
interface EntryPlan {
  readonly entry: WriteEntry;
  readonly id: string;
  /** A conditional create found this instead. */
  found?: StoredVersion;
}

export async function transaction(
  request: Request,
  body: unknown,
  preference: ReturnPreference,
): Promise<Answer> {
  const { entries: raw } = bundleEntries(request.server, body);
  const entries = raw.map((entry, i) => parseEntry(request.server, entry, i));
  const plans = planEntries(entries);
  const types = [...plans.keys()].map((e) => e.target.resourceType);
  for (const entry of plans.keys()) permit(request, interactionOf(entry), entry.target.resourceType);
  const conditions = conditionalReferences(raw.map((e) => e['resource']));
  const answers = await inWriteTransaction(request, types, async (client) => {
    const inside: Request = { ...request, db: client };
    const byCondition = await resolveConditions(inside, client, conditions);
    await findExisting(inside, client, [...plans.values()]);
    const byFullUrl = fullUrls(plans);
    const written = await write(inside, client, plans, { byFullUrl, byCondition }, preference);
    return readAfterwards(inside, entries, written);
  });
  return responseBundle('transaction-response', answers);
}

type WriteEntry = BundleEntry & { readonly target: TypeTarget };

const isWrite = (entry: BundleEntry): entry is WriteEntry =>
  entry.method !== 'GET' && 'resourceType' in entry.target && entry.target.kind !== 'search';

const interactionOf = (entry: WriteEntry) =>
  entry.method === 'POST' ? 'create' : entry.method === 'PUT' ? 'update' : 'delete';

/** Gives each new resource its id. Throws 400 when two entries write the same resource or have the same fullUrl. */
function planEntries(entries: readonly BundleEntry[]): Map<WriteEntry, EntryPlan> {
  const plans = new Map<WriteEntry, EntryPlan>();
  const seen = new Set<string>();
  const once = (name: string, place: string): void => {
    if (seen.has(name)) throw badRequest(`${name} occurs twice in the transaction`, place);
    seen.add(name);
  };
  for (const entry of entries) {
    if (!isWrite(entry)) continue;
    const { target, method, place } = entry;
    if ((method === 'POST') !== (target.kind === 'type') || (method !== 'POST' && target.kind !== 'instance'))
      throw badRequest(`${method} does not go with this url`, `${place}.request.url`);
    if (entry.fullUrl !== undefined && method !== 'DELETE') once(entry.fullUrl, `${place}.fullUrl`);
    const id = target.kind === 'instance' ? target.id : randomUUID();
    once(`${target.resourceType}/${id}`, `${place}.request.url`);
    plans.set(entry, { entry, id });
  }
  return plans;
}

/** Each conditional reference must match one resource that the caller can find. */
async function resolveConditions(
  request: Request,
  client: PoolClient,
  conditions: ReadonlySet<string>,
): Promise<Map<string, string>> {
  const resolved = await Promise.all(
    [...conditions].sort().map(async (condition): Promise<[string, string]> => {
      const [resourceType = '', ...query] = condition.split('?');
      const known = await request.server.tables.exists(resourceType);
      const [match, second] = known ? await findMatches(request, client, resourceType, query.join('?')) : [];
      if (second !== undefined)
        throw multipleMatches('A conditional reference matches more than one resource', condition);
      if (match === undefined)
        throw preconditionFailed('A conditional reference matches no resource', condition);
      return [condition, `${resourceType}/${match.id}`];
    }),
  );
  return new Map(resolved);
}

/** Conditional creates: what their conditions match already. */
async function findExisting(
  request: Request,
  client: PoolClient,
  plans: readonly EntryPlan[],
): Promise<void> {
  const conditional = plans.flatMap((plan) => {
    const { ifNoneExist, target, place, method } = plan.entry;
    if (ifNoneExist === undefined) return [];
    if (method !== 'POST')
      throw badRequest('ifNoneExist goes with POST only', `${place}.request.ifNoneExist`);
    const at = `${place}.request.ifNoneExist`;
    return [{ plan, condition: parseCondition(request, target.resourceType, ifNoneExist, at) }];
  });
  if (conditional.length === 0) return;
  await holdConditions(
    client,
    conditional.map(({ condition }) => condition.key),
  );
  await Promise.all(
    conditional.map(async ({ plan, condition }) => {
      const found = await matchOf(request, client, condition);
      if (found !== undefined) plan.found = found;
    }),
  );
}

function fullUrls(plans: ReadonlyMap<WriteEntry, EntryPlan>): Map<string, string> {
  const byFullUrl = new Map<string, string>();
  for (const { entry, id, found } of plans.values())
    if (entry.fullUrl !== undefined)
      byFullUrl.set(entry.fullUrl, `${entry.target.resourceType}/${found?.id ?? id}`);
  return byFullUrl;
}

async function write(
  request: Request,
  client: PoolClient,
  plans: ReadonlyMap<WriteEntry, EntryPlan>,
  resolution: Parameters<typeof resolveReferences>[1],
  preference: ReturnPreference,
): Promise<Map<WriteEntry, Answer>> {
  const answers = new Map<WriteEntry, Answer>();
  const writes = new Map<PlannedWrite, WriteEntry>();
  const { config } = request.server;
  let count = 0;
  for (const { entry, id, found } of plans.values()) {
    const { resourceType } = entry.target;
    count += 1;
    if (count % RESOURCES_PER_TURN === 0) await nextTurn();
    if (found !== undefined) answers.set(entry, writtenAnswer(config, resourceType, found, 200, preference));
    else writes.set(planWrite(request, entry, id, resolution), entry);
  }
  for (const done of await commitWrites(request, client, [...writes.keys()])) {
    const entry = writes.get(done.write)!;
    const status = done.isNew ? 201 : 200;
    answers.set(
      entry,
      entry.method === 'DELETE'
        ? { status: 204, headers: {} }
        : writtenAnswer(config, entry.target.resourceType, done.version, status, preference),
    );
  }
  return answers;
}

function planWrite(
  request: Request,
  entry: WriteEntry,
  id: string,
  resolution: Parameters<typeof resolveReferences>[1],
): PlannedWrite {
  const { place, target, method, ifMatch } = entry;
  const { resourceType } = target;
  const base = { interaction: interactionOf(entry), resourceType, id, ifMatch, place } as const;
  if (method === 'DELETE') return base;
  if (entry.resource === undefined) throw badRequest('The entry has no resource', `${place}.resource`);
  const resolved = resolveReferences(entry.resource as Resource, resolution, `${place}.resource`);
  const resource = checkResource(request.server, resolved, resourceType, `${place}.resource`);
  if (method === 'PUT') checkBodyId(resource.id, id, `${place}.resource`);
  const mustBeNew = parseIfNoneMatch(entry.ifNoneMatch, `${place}.request.ifNoneMatch`);
  return { ...base, resource, mustBeNew };
}

/** Reads come last and see the writes; an answer that is no success undoes the transaction. */
async function readAfterwards(
  request: Request,
  entries: readonly BundleEntry[],
  written: ReadonlyMap<BundleEntry, Answer>,
): Promise<string[]> {
  const answers: string[] = [];
  for (const entry of entries) {
    const answer = written.get(entry) ?? (await readEntry(request, entry));
    answers.push(entryAnswer(answer));
  }
  return answers;
}

async function readEntry(request: Request, entry: BundleEntry): Promise<Answer> {
  try {
    return await dispatch(request, { ...entry, preference: 'representation', handling: 'lenient' });
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    throw new FhirError(
      error.status,
      error.outcome.issue.map((i) => issue(i.code, i.diagnostics ?? '', entry.place)),
    );
  }
}
