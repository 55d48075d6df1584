/** delete, also conditional. Repeating it changes nothing. https://hl7.org/fhir/R4/http.html#delete and #3.1.0.7.1 */
import type { OperationOutcome } from '@medplum/fhirtypes';
import { multipleMatches } from '../fhir/outcome.ts';
import type { PoolClient } from '../db/index.ts';
import { etag, type Answer } from './answer.ts';
import { commitWrite } from './commit-write.ts';
import { commitWrites, type DoneWrite } from './commit-writes.ts';
import { type Condition, holdConditions, matchesOf, parseCondition } from './condition.ts';
import { permit } from './permit.ts';
import type { Request } from './server.ts';
import { inWriteTransaction } from './write-transaction.ts';

export async function deleteResource(
  request: Request,
  resourceType: string,
  id: string,
  ifMatch: string | undefined,
): Promise<Answer> {
  permit(request, 'delete', resourceType);
  const { version, advice } = await commitWrite(request, {
    interaction: 'delete',
    resourceType,
    id,
    ifMatch,
  });
  return deletedAnswer({ ETag: etag(version.versionId) }, advice);
}

/** Deletes all matches or none. `query` is the search of the type that stands in the URL. Throws 412 for too many. */
export async function conditionalDelete(
  request: Request,
  resourceType: string,
  query: readonly (readonly [string, string])[],
  ifMatch: string | undefined,
): Promise<Answer> {
  permit(request, 'delete', resourceType);
  const condition = parseCondition(request, resourceType, query, resourceType);
  const done = await inWriteTransaction(request, [resourceType], async (client) => {
    await holdConditions(client, [condition.key]);
    const ids = await deletedBy({ ...request, db: client }, client, condition);
    return commitWrites(
      request,
      client,
      ids.map((id) => ({ interaction: 'delete', resourceType, id, ifMatch })),
    );
  });
  return deletedAnswer(
    {},
    done.flatMap(({ advice = [] }) => advice),
  );
}

/** 204, or an OperationOutcome where there is something to tell. */
export function deletedAnswer(headers: Answer['headers'], advice: DoneWrite['advice'] = []): Answer {
  if (advice.length === 0) return { status: 204, headers };
  const outcome: OperationOutcome = { resourceType: 'OperationOutcome', issue: [...advice] };
  return { status: 200, headers, body: JSON.stringify(outcome) };
}

/** The ids of the matches. Throws 412 when there are more than may be deleted at once. */
export async function deletedBy(
  request: Request,
  client: PoolClient,
  condition: Condition,
): Promise<string[]> {
  const { conditionalDeleteMax: max } = request.server.config;
  const found = await matchesOf(request, client, condition, max + 1);
  if (found.length <= max) return found.map(({ id }) => id);
  const limit = max === 1 ? 'one' : `${max}`;
  throw multipleMatches(
    `More than ${limit} ${condition.resourceType} ${max === 1 ? 'matches' : 'match'} the condition; nothing was deleted`,
    condition.place,
  );
}
