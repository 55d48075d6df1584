/** A Subscription's criteria as a search expression. https://hl7.org/fhir/R4/subscription-definitions.html#Subscription.criteria */
import { isResourceType } from '../fhir/definitions/index.ts';
import { badRequest } from '../fhir/outcome.ts';
import {
  isLocal,
  parseConditions,
  type HiddenTest,
  parseQuery,
  type Expression,
  type SearchParameterRegistry,
} from '../search/index.ts';

export interface Criteria {
  readonly resourceType: string;
  readonly filter: Expression;
}

export interface CriteriaContext {
  readonly registry: SearchParameterRegistry;
  /** FHIR base URL, for references written as absolute URLs. */
  readonly baseUrl: string;
  readonly isHidden?: HiddenTest;
}

/** Understands `Type?query`. Throws FhirError 400 for an unknown type or a parameter that the server does not know. */
export function parseCriteria(criteria: string, context: CriteriaContext): Criteria {
  const mark = criteria.indexOf('?');
  const resourceType = mark < 0 ? criteria : criteria.slice(0, mark);
  if (!isResourceType(resourceType)) throw badRequest(`"${resourceType}" is not a resource type of R4`);
  const params = parseQuery(mark < 0 ? '' : criteria.slice(mark + 1), 'Subscription.criteria');
  const filter = parseConditions(resourceType, params, { ...context, inMemory: true });
  if (!isLocal(filter))
    throw badRequest(
      'The criteria must be decidable on the resource alone: no chains, lists, value sets or full text',
    );
  return { resourceType, filter };
}
