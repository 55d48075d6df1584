/** transaction: all entries or none, in the order DELETE, POST, PUT and PATCH, GET. https://hl7.org/fhir/R4/http.html#transaction */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Resource } from '@medplum/fhirtypes';
import type { PoolClient } from '../db/index.ts';
import { badRequest, FhirError, issue } from '../fhir/outcome.ts';
import type { Answer, ReturnPreference } from './answer.ts';
import { writtenAnswer } from './answer.ts';
import { bundleEntries, parseEntry, type BundleEntry } from './bundle-entry.ts';
import { entryAnswer, responseBundle } from './bundle-response.ts';
import { checkProfiles } from './check-profiles.ts';
import { checkResource } from './check-resource.ts';
import { type DoneWrite, makeWrites } from './commit-writes.ts';
import { holdConditions } from './condition.ts';
import { deletedAnswer } from './delete.ts';
import { dispatch } from './dispatch.ts';
import { planPatches, shownAfterPatch } from './patch.ts';
import { permit } from './permit.ts';
import type { PlannedWrite } from './plan-version.ts';
import { checkIntegrity } from './referential-integrity.ts';
import { conditionalReferences, resolveReferences, type Resolution } from './resolve-references.ts';
import { resolveConditions } from './resolve-conditions.ts';
import type { Request } from './server.ts';
import {
  checkOverlap,
  type EntryPlan,
  findDeleted,
  findExisting,
  interactionOf,
  nameOf,
  planEntries,
  type WriteEntry,
} from './transaction-plan.ts';
import { checkBodyId, parseIfNoneMatch, planConditionalUpdate } from './update.ts';
import { inWriteTransaction } from './write-transaction.ts';

/** After so many resources other requests get their turn. */
const RESOURCES_PER_TURN = 40;

const ANSWERS_PER_TURN = 500;

export async function transaction(
  request: Request,
  body: unknown,
  preference: ReturnPreference,
): Promise<Answer> {
  const { entries: raw } = bundleEntries(request.server, body);
  const entries: BundleEntry[] = [];
  const references = new Set<string>();
  for (const [i, entry] of raw.entries()) {
    if (i % RESOURCES_PER_TURN === 0) await nextTurn();
    entries.push(parseEntry(request.server, entry, i));
    conditionalReferences(entry['resource'], references);
  }
  const plans = planEntries(request, entries);
  for (const { entry } of plans) permit(request, interactionOf(entry), entry.target.resourceType);
  const types = plans.map(({ entry }) => entry.target.resourceType);
  const answers = await inWriteTransaction(request, types, async (client) => {
    const inside: Request = { ...withOwnConsents(request, types), db: client };
    const written = await write(inside, client, plans, references, preference);
    return readAfterwards(inside, entries, written, preference);
  });
  return responseBundle('transaction-response', answers);
}

/** What a transaction reads heeds the Consents that it writes, of which nobody else knows yet. */
function withOwnConsents(request: Request, types: readonly string[]): Request {
  if (!types.includes('Consent')) return request;
  const { denials: _kept, ...server } = request.server;
  return { ...request, server };
}

type Answers = Map<BundleEntry, Answer>;

async function write(
  request: Request,
  client: PoolClient,
  plans: readonly EntryPlan[],
  references: ReadonlySet<string>,
  preference: ReturnPreference,
): Promise<Answers> {
  const keys = plans.flatMap(({ condition }) => condition?.key ?? []);
  if (keys.length > 0) await holdConditions(client, keys);
  const answers: Answers = new Map();
  // What is deleted matches no condition any more.
  await findDeleted(request, client, plans);
  const deletes = plans.filter(({ entry }) => entry.method === 'DELETE');
  const deleted = deletes.length === 0 ? [] : await makeDeletes(request, client, deletes);
  await findExisting(request, client, plans);
  checkOverlap(plans);
  const resolution: Resolution = {
    byFullUrl: fullUrls(plans),
    byCondition: await resolveConditions(request, client, references, plans),
  };
  const others = plans.filter(({ entry }) => entry.method !== 'DELETE');
  const written = await makeOthers(request, client, others, resolution, preference, answers);
  const advice = await checkIntegrity(
    request,
    client,
    [...deleted, ...written.keys()].filter(({ isRepeat }) => !isRepeat).map((done) => done.write),
  );
  for (const { entry, deletes: ids } of deletes) {
    const { place, target } = entry;
    const own = deleted.filter(({ write: w }) => w.place === place && w.resourceType === target.resourceType && ids.includes(w.id)); // prettier-ignore
    answers.set(
      entry,
      deletedAnswer(
        {},
        own.flatMap((done) => advice.get(done.write) ?? []),
      ),
    );
  }
  for (const [{ write: planned, version, isNew }, entry] of written) {
    const status = isNew ? 201 : 200;
    const { resourceType } = entry.target;
    const shown =
      entry.method === 'PATCH'
        ? await shownAfterPatch(request, client, resourceType, version, preference)
        : preference;
    answers.set(entry, writtenAnswer(request, resourceType, version, status, shown, advice.get(planned)));
  }
  return answers;
}

function makeDeletes(
  request: Request,
  client: PoolClient,
  plans: readonly EntryPlan[],
): Promise<DoneWrite[]> {
  const writes = plans.flatMap(({ entry, deletes }) => {
    const { target, ifMatch, place } = entry;
    const { resourceType } = target;
    return deletes.map((id): PlannedWrite => ({ interaction: 'delete', resourceType, id, ifMatch, place }));
  });
  checkOverlap(plans);
  return makeWrites(request, client, writes);
}

function fullUrls(plans: readonly EntryPlan[]): Map<string, string> {
  const byFullUrl = new Map<string, string>();
  for (const plan of plans) {
    const { fullUrl } = plan.entry;
    if (fullUrl !== undefined) byFullUrl.set(fullUrl, finalName(plan));
  }
  return byFullUrl;
}

/** A conditional update that finds nothing makes the resource with the id of its body, if there is one. */
function finalName(plan: EntryPlan): string {
  const { entry, found } = plan;
  const id = (entry.resource as { id?: unknown } | undefined)?.id;
  const isOwn = entry.method === 'PUT' && found === undefined && typeof id === 'string';
  return isOwn ? `${entry.target.resourceType}/${id}` : nameOf(plan);
}

/** Answers for what was found are told at once. */
async function makeOthers(
  request: Request,
  client: PoolClient,
  plans: readonly EntryPlan[],
  resolution: Resolution,
  preference: ReturnPreference,
  answers: Answers,
): Promise<ReadonlyMap<DoneWrite, WriteEntry>> {
  const writes = new Map<PlannedWrite, WriteEntry>();
  for (const [i, plan] of plans.entries()) {
    if ((i + 1) % RESOURCES_PER_TURN === 0) await nextTurn();
    const { entry, found } = plan;
    if (entry.method === 'PATCH') continue;
    if (entry.method === 'POST' && found !== undefined)
      answers.set(entry, writtenAnswer(request, entry.target.resourceType, found, 200, preference));
    else {
      const planned = planWrite(request, plan, resolution);
      if (planned.resource) await checkProfiles(request.server, planned.resource, `${entry.place}.resource`);
      writes.set(planned, entry);
    }
  }
  const patches = plans.filter(({ entry }) => entry.method === 'PATCH');
  for (const [i, planned] of (await planPatchEntries(request, client, patches)).entries())
    writes.set(planned, patches[i]!.entry);
  const done = await makeWrites(request, client, [...writes.keys()]);
  return new Map(done.map((one) => [one, writes.get(one.write)!]));
}

function planWrite(
  request: Request,
  { entry, id, found, condition }: EntryPlan,
  resolution: Resolution,
): PlannedWrite {
  const { place, target, method, ifMatch, fullUrl } = entry;
  const { resourceType } = target;
  const at = `${place}.resource`;
  if (entry.resource === undefined) throw badRequest('The entry has no resource', at);
  const resolved = resolveReferences(entry.resource as Resource, resolution, at, fullUrl);
  const resource = checkResource(request.server, resolved, resourceType, at);
  const mustBeNew = parseIfNoneMatch(entry.ifNoneMatch, `${place}.request.ifNoneMatch`);
  const common = { ifMatch, place, mustBeNew };
  if (method === 'POST') return { interaction: 'create', resourceType, id, resource, ...common };
  if (condition !== undefined) {
    const planned = planConditionalUpdate(resourceType, resource, found, at);
    return { ...planned, id: planned.interaction === 'create' ? id : planned.id, ...common };
  }
  checkBodyId(resource.id, id, at);
  return { interaction: 'update', resourceType, id, resource, ...common };
}

const planPatchEntries = (request: Request, client: PoolClient, plans: readonly EntryPlan[]) =>
  planPatches(
    request,
    client,
    plans.map(({ entry, id, found }) => ({
      resourceType: entry.target.resourceType,
      id: found?.id ?? id,
      document: entry.patch!,
      ifMatch: entry.ifMatch,
      place: `${entry.place}.resource`,
    })),
  );

/** Reads come last and see the writes; an answer that is no success undoes the transaction. */
async function readAfterwards(
  request: Request,
  entries: readonly BundleEntry[],
  written: ReadonlyMap<BundleEntry, Answer>,
  preference: ReturnPreference,
): Promise<string[]> {
  const answers: string[] = [];
  for (const entry of entries) {
    if (answers.length % ANSWERS_PER_TURN === 0) await nextTurn();
    const answer = written.get(entry);
    answers.push(answer ? entryAnswer(answer, preference) : entryAnswer(await readEntry(request, entry)));
  }
  return answers;
}

async function readEntry(request: Request, entry: BundleEntry): Promise<Answer> {
  try {
    return await dispatch(request.trail ? { ...request, trail: request.trail.fork() } : request, {
      ...entry,
      preference: 'representation',
      handling: 'lenient',
    });
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    throw new FhirError(
      error.status,
      error.outcome.issue.map((i) => issue(i.code, i.diagnostics ?? '', entry.place)),
    );
  }
}
