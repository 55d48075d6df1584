/** What the entries of a transaction are about to write, and that none of them writes what another does. https://hl7.org/fhir/R4/http.html#trules */
import { randomUUID } from 'node:crypto';
import type { PoolClient } from '../db/index.ts';
import { badRequest, notFound } from '../fhir/outcome.ts';
import type { StoredVersion } from '../storage/index.ts';
import type { BundleEntry } from './bundle-entry.ts';
import { type Condition, matchOf, parseCondition } from './condition.ts';
import { deletedBy } from './delete.ts';
import type { Request } from './server.ts';
import type { TypeTarget } from './target.ts';

export type WriteEntry = BundleEntry & {
  readonly target: TypeTarget;
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
};

/** What an entry that writes is about to do. */
export interface EntryPlan {
  readonly entry: WriteEntry;
  /** Of the search in the URL, or of ifNoneExist. */
  readonly condition?: Condition | undefined;
  /** Of the URL, or of the resource that a create makes. */
  readonly id: string;
  /** By the condition. */
  found?: StoredVersion | undefined;
  /** What a conditional delete deletes. */
  deletes: readonly string[];
}

export const isWrite = (entry: BundleEntry): entry is WriteEntry =>
  entry.method !== 'GET' && entry.method !== 'HEAD' && 'resourceType' in entry.target;

export const interactionOf = ({ method }: WriteEntry) =>
  (({ POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }) as const)[method];

export const nameOf = ({ entry, id, found }: EntryPlan): string =>
  `${entry.target.resourceType}/${found?.id ?? id}`;

/**
 * Gives each new resource its id. Throws 400 when two entries write the same resource, have the same fullUrl or write on
 * the same condition, and for conditions that cannot be searched.
 */
export function planEntries(request: Request, entries: readonly BundleEntry[]): EntryPlan[] {
  const seen = new Set<string>();
  const once = (name: string, place: string): void => {
    if (seen.has(name)) throw badRequest(`${name} occurs twice in the transaction`, place);
    seen.add(name);
  };
  return entries.filter(isWrite).map((entry): EntryPlan => {
    const { target, method, place, fullUrl } = entry;
    const isOnType = target.kind === 'type';
    if ((!isOnType && target.kind !== 'instance') || (isOnType && method !== 'POST' && !entry.query))
      throw badRequest(`${method} does not go with this url`, `${place}.request.url`);
    if (method === 'POST' && !isOnType)
      throw badRequest('POST does not go with this url', `${place}.request.url`);
    if (fullUrl !== undefined && method !== 'DELETE') once(fullUrl, `${place}.fullUrl`);
    const condition = conditionOf(request, entry);
    if (condition !== undefined) once(condition.key, condition.place);
    const id = target.kind === 'instance' ? target.id : randomUUID();
    if (target.kind === 'instance') once(`${target.resourceType}/${id}`, `${place}.request.url`);
    return { entry, condition, id, deletes: target.kind === 'instance' && method === 'DELETE' ? [id] : [] };
  });
}

function conditionOf(request: Request, entry: WriteEntry): Condition | undefined {
  const { ifNoneExist, target, place, method, parameters } = entry;
  if (method === 'POST')
    return ifNoneExist === undefined
      ? undefined
      : parseCondition(request, target.resourceType, ifNoneExist, `${place}.request.ifNoneExist`);
  if (ifNoneExist !== undefined)
    throw badRequest('ifNoneExist goes with POST only', `${place}.request.ifNoneExist`);
  return target.kind === 'type'
    ? parseCondition(request, target.resourceType, parameters, `${place}.request.url`)
    : undefined;
}

/** Conditional deletes: what they match. */
export async function findDeleted(
  request: Request,
  client: PoolClient,
  plans: readonly EntryPlan[],
): Promise<void> {
  await Promise.all(
    plans.map(async (plan) => {
      if (plan.entry.method === 'DELETE' && plan.condition)
        plan.deletes = await deletedBy(request, client, plan.condition);
    }),
  );
}

/** Conditional creates, updates and patches: what their conditions match. Throws 404 for a patch of nothing, 412. */
export async function findExisting(
  request: Request,
  client: PoolClient,
  plans: readonly EntryPlan[],
): Promise<void> {
  await Promise.all(
    plans.map(async (plan) => {
      const { entry, condition } = plan;
      if (entry.method === 'DELETE' || condition === undefined) return;
      plan.found = await matchOf(request, client, condition);
      if (plan.found === undefined && entry.method === 'PATCH')
        throw notFound(`No ${entry.target.resourceType} matches the condition`, condition.place);
    }),
  );
}

/** Conditions may lead to what another entry writes. Throws 400. A create that finds what is there writes nothing. */
export function checkOverlap(plans: readonly EntryPlan[]): void {
  const seen = new Set<string>();
  for (const plan of plans) {
    const { entry, deletes } = plan;
    if (entry.method === 'POST') continue;
    const { resourceType } = entry.target;
    const names = entry.method === 'DELETE' ? deletes.map((id) => `${resourceType}/${id}`) : [nameOf(plan)];
    for (const name of names) {
      if (seen.has(name))
        throw badRequest(`${name} occurs twice in the transaction`, `${entry.place}.request.url`);
      seen.add(name);
    }
  }
}
