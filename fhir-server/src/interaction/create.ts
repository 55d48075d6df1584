/** create, also conditional. https://hl7.org/fhir/R4/http.html#create and #ccreate */
import { randomUUID } from 'node:crypto';
import { writtenAnswer, type Answer, type ReturnPreference } from './answer.ts';
import { adviceFor } from './examine.ts';
import { checkProfiles } from './check-profiles.ts';
import { checkResource } from './check-resource.ts';
import { commitCreate } from './commit-write.ts';
import { parseCondition } from './condition.ts';
import { permit } from './permit.ts';
import type { PlannedWrite } from './plan-version.ts';
import type { Request } from './server.ts';

export interface CreateOptions {
  /** If-None-Exist: a search of the type, without the question mark. */
  readonly ifNoneExist?: string | undefined;
  readonly preference: ReturnPreference;
}

export async function create(
  request: Request,
  resourceType: string,
  value: unknown,
  options: CreateOptions,
): Promise<Answer> {
  permit(request, 'create', resourceType);
  const resource = checkResource(request.server, value, resourceType);
  await checkProfiles(request.server, resource);
  const { ifNoneExist, preference } = options;
  const write: PlannedWrite = { interaction: 'create', resourceType, id: randomUUID(), resource };
  const condition =
    ifNoneExist === undefined
      ? undefined
      : parseCondition(request, resourceType, ifNoneExist, 'http.If-None-Exist');
  const { version, advice = [], isFound } = await commitCreate(request, write, condition);
  return writtenAnswer(request, resourceType, version, isFound ? 200 : 201, preference, [
    ...advice,
    ...(await adviceFor(request.server, resource, preference)),
  ]);
}
