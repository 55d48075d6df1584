/** Search parameters of scopes and policies → filter; what cannot be evaluated matches nothing. */
import { FhirError } from '../fhir/outcome.ts';
import {
  ALL,
  type Expression,
  isLocal,
  NONE,
  parseConditions,
  type SearchParameterRegistry,
} from '../search/index.ts';
import type { Principal } from './principal.ts';
import { parseParams, type Scope } from './scope.ts';

export interface CriteriaContext {
  readonly registry: SearchParameterRegistry;
  /** The FHIR base without a trailing slash. */
  readonly baseUrl: string;
  /** What `ap` on dates is measured from; the present by default. */
  readonly now?: Date;
}

type Params = readonly (readonly [name: string, value: string])[];

/** NONE also for parameters that do not filter (`_count`): as limits of a right they mean nothing. */
export function compileCriteria(resourceType: string, params: Params, context: CriteriaContext): Expression {
  if (params.length === 0) return ALL;
  const filters = params.every(
    ([name]) => context.registry.get(resourceType, name.split(':')[0]!) !== undefined,
  );
  if (!filters) return NONE;
  // A right is also decided on single resources and versions, without the database.
  return evaluable(() => parseConditions(resourceType, params, { ...context, isRight: true }), isLocal);
}

/** What cannot be parsed, or decided wherever rights are, is no right. */
export function evaluable(parse: () => Expression, isDecidable: (filter: Expression) => boolean): Expression {
  try {
    const filter = parse();
    return isDecidable(filter) ? filter : NONE;
  } catch (error) {
    if (error instanceof FhirError) return NONE;
    throw error;
  }
}

/** Whether the server can enforce a granular scope; one that it cannot should not be granted. True for plain scopes. */
export function isEvaluable(scope: Scope, context: CriteriaContext): boolean {
  if (scope.params.length === 0) return true;
  const type = scope.resourceType === '*' ? 'Resource' : scope.resourceType;
  return compileCriteria(type, scope.params, context).kind !== 'none';
}

/** The parameters of a policy rule's criteria; undefined when a variable has no value for this user. */
export function bindVariables(criteria: string, principal: Principal): Params | undefined {
  // The text is split before the values are put in, so that no value can add a parameter.
  const bound = parseParams(criteria.replaceAll('%', '%25'))?.map(
    ([name, value]): [string, string | undefined] => [
      name,
      value.startsWith('%') ? variable(value, principal) : value,
    ],
  );
  return bound?.every((pair): pair is [string, string] => pair[1] !== undefined) === true ? bound : undefined;
}

function variable(name: string, { fhirUser, organization }: Principal): string | undefined {
  if (name === '%patient' && fhirUser?.startsWith('Patient/')) return fhirUser;
  if (name === '%practitioner' && fhirUser?.startsWith('Practitioner/')) return fhirUser;
  return name === '%organization' ? organization : undefined;
}
