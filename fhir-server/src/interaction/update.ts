/** update, also as create with the client's id, and conditional. https://hl7.org/fhir/R4/http.html#update and #cond-update */
import { randomUUID } from 'node:crypto';
import type { Resource } from '@medplum/fhirtypes';
import { badRequest } from '../fhir/outcome.ts';
import { writtenAnswer, type Answer, type ReturnPreference } from './answer.ts';
import { adviceFor } from './examine.ts';
import { checkProfiles } from './check-profiles.ts';
import { checkResource } from './check-resource.ts';
import { commitWrite } from './commit-write.ts';
import { commitWrites } from './commit-writes.ts';
import { holdConditions, matchOf, parseCondition } from './condition.ts';
import { permit } from './permit.ts';
import type { PlannedWrite } from './plan-version.ts';
import type { Request } from './server.ts';
import { inWriteTransaction } from './write-transaction.ts';

export interface UpdateOptions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly preference: ReturnPreference;
}

export async function update(
  request: Request,
  resourceType: string,
  id: string,
  value: unknown,
  options: UpdateOptions,
): Promise<Answer> {
  permit(request, 'update', resourceType);
  const resource = checkResource(request.server, value, resourceType);
  await checkProfiles(request.server, resource);
  checkBodyId(resource.id, id, resourceType);
  const mustBeNew = parseIfNoneMatch(options.ifNoneMatch);
  const {
    version,
    isNew,
    advice = [],
  } = await commitWrite(request, {
    interaction: 'update',
    resourceType,
    id,
    resource,
    ifMatch: options.ifMatch,
    mustBeNew,
  });
  return writtenAnswer(request, resourceType, version, isNew ? 201 : 200, options.preference, [
    ...advice,
    ...(await adviceFor(request.server, resource, options.preference)),
  ]);
}

/** `query` is the search of the type that stands in the URL. Throws as update does, and 412 when it matches several. */
export async function conditionalUpdate(
  request: Request,
  resourceType: string,
  query: readonly (readonly [string, string])[],
  value: unknown,
  { ifMatch, ifNoneMatch, preference }: UpdateOptions,
): Promise<Answer> {
  permit(request, 'update', resourceType);
  const resource = checkResource(request.server, value, resourceType);
  await checkProfiles(request.server, resource);
  const mustBeNew = parseIfNoneMatch(ifNoneMatch);
  const condition = parseCondition(request, resourceType, query, resourceType);
  const {
    version,
    isNew,
    advice = [],
  } = await inWriteTransaction(request, [resourceType], async (client) => {
    await holdConditions(client, [condition.key]);
    const found = await matchOf({ ...request, db: client }, client, condition);
    const write = planConditionalUpdate(resourceType, resource, found, resourceType);
    const [done] = await commitWrites(request, client, [{ ...write, ifMatch, mustBeNew }]);
    return done!;
  });
  return writtenAnswer(request, resourceType, version, isNew ? 201 : 200, preference, [
    ...advice,
    ...(await adviceFor(request.server, resource, preference)),
  ]);
}

/**
 * What a conditional update comes to: a create, an update as create, or an update of the match. Throws 400 for a body with
 * another id than the match.
 */
export function planConditionalUpdate(
  resourceType: string,
  resource: Resource,
  found: { readonly id: string } | undefined,
  place: string,
): PlannedWrite {
  const { id } = resource;
  if (found === undefined)
    return id === undefined
      ? { interaction: 'create', resourceType, id: randomUUID(), resource }
      : { interaction: 'update', resourceType, id, resource, isUnmatched: true };
  if (id !== undefined && id !== found.id)
    throw badRequest(
      `The resource has the id ${id}, and what matches the condition has ${found.id}`,
      `${place}.id`,
    );
  return { interaction: 'update', resourceType, id: found.id, resource };
}

/** The body's id must be there and equal the one in the URL. */
export function checkBodyId(found: string | undefined, id: string, place: string): void {
  if (found === id) return;
  const said = found === undefined ? 'has none' : `has the id ${found}`;
  throw badRequest(`The resource must have the id of the URL, ${id}, and it ${said}`, `${place}.id`);
}

/** On a write only `*` has a meaning: the resource must not exist yet. */
export function parseIfNoneMatch(value: string | undefined, place = 'http.If-None-Match'): boolean {
  if (value === undefined) return false;
  if (value.trim() === '*') return true;
  throw badRequest('If-None-Match on an update can only be *', place);
}
