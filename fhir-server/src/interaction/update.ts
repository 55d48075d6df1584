/** update, also as create with the client's id. https://hl7.org/fhir/R4/http.html#update */
import { badRequest } from '../fhir/outcome.ts';
import { writtenAnswer, type Answer, type ReturnPreference } from './answer.ts';
import { checkResource } from './check-resource.ts';
import { commitWrite } from './commit-write.ts';
import { permit } from './permit.ts';
import type { Request } from './server.ts';

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
  checkBodyId(resource.id, id, resourceType);
  const mustBeNew = parseIfNoneMatch(options.ifNoneMatch);
  const { version, isNew } = await commitWrite(request, {
    interaction: 'update',
    resourceType,
    id,
    resource,
    ifMatch: options.ifMatch,
    mustBeNew,
  });
  return writtenAnswer(request.server.config, resourceType, version, isNew ? 201 : 200, options.preference);
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
