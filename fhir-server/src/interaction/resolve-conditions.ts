/** Conditional references (`Patient?identifier=…`) of a transaction. https://hl7.org/fhir/R4/http.html#trules */
import type { PoolClient } from '../db/index.ts';
import { isResourceType } from '../fhir/definitions/index.ts';
import { badRequest, multipleMatches, preconditionFailed } from '../fhir/outcome.ts';
import { matchesOf, parseCondition } from './condition.ts';
import type { Request } from './server.ts';
import { type EntryPlan, nameOf } from './transaction-plan.ts';

/**
 * Each must match one resource that the caller can find, or be the condition on which an entry makes one. Answers reference
 * → `Type/id`; throws 400 for a search that cannot be understood, 412 for none or several.
 */
export async function resolveConditions(
  request: Request,
  client: PoolClient,
  references: ReadonlySet<string>,
  plans: readonly EntryPlan[],
): Promise<Map<string, string>> {
  const byKey = new Map(
    plans.flatMap((plan) => (plan.condition ? [[plan.condition.key, plan] as const] : [])),
  );
  const resolved = await Promise.all(
    [...references].sort().map(async (reference): Promise<[string, string]> => {
      const [resourceType = '', ...query] = reference.split('?');
      if (!isResourceType(resourceType))
        throw badRequest('A conditional reference begins with a resource type', reference);
      const condition = parseCondition(request, resourceType, query.join('?'), reference);
      const plan = byKey.get(condition.key);
      if (plan !== undefined && plan.entry.method !== 'DELETE') return [reference, nameOf(plan)];
      const [match, second] = await matchesOf(request, client, condition, 2);
      if (second !== undefined)
        throw multipleMatches('A conditional reference matches more than one resource', reference);
      if (match === undefined)
        throw preconditionFailed('A conditional reference matches no resource', reference);
      return [reference, `${resourceType}/${match.id}`];
    }),
  );
  return new Map(resolved);
}
