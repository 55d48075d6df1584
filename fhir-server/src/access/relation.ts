/** Rights that depend on the Patient to whom a resource belongs: relation to him, his Consents, labels, emergencies. */
import { compartmentParameters } from '../fhir/definitions/index.ts';
import {
  and,
  compartmentKey,
  type Expression,
  linkParameter,
  NONE,
  not,
  or,
  parseConditions,
} from '../search/index.ts';
import { bindVariables, type CriteriaContext, evaluable } from './criteria.ts';
import type { Clearance } from './policy.ts';
import type { Principal } from './principal.ts';

/** Types whose resources belong to a Patient. */
export const isOfPatients = (resourceType: string, { registry }: CriteriaContext): boolean =>
  resourceType === 'Patient' ||
  resourceType === 'Binary' ||
  compartmentParameters('Patient', resourceType) !== undefined ||
  linkParameter(registry, resourceType, 'patient') !== undefined;

/** Those that belong to one of these Patients: by the main reference, or by compartment where the type has none. */
export function belongsTo(
  resourceType: string,
  ids: readonly string[],
  { registry }: Pick<CriteriaContext, 'registry'>,
): Expression {
  if (ids.length === 0) return NONE;
  if (resourceType === 'Patient') return { kind: 'id', ids };
  return linkParameter(registry, resourceType, 'patient') === undefined
    ? { kind: 'key', keys: ids.map((id) => compartmentKey('Patient', id)) }
    : { kind: 'link', link: 'patient', ids };
}

/** What belongs to a Patient whom one of the searches finds, once their variables are bound. */
export function relationFilter(
  searches: readonly string[],
  principal: Principal,
  resourceType: string,
  context: CriteriaContext,
): Expression {
  if (!isOfPatients(resourceType, context)) return NONE;
  const of = or(...searches.map((search) => patientSearch(search, principal, context)));
  return of.kind === 'none' ? of : { kind: 'ofPatient', of };
}

function patientSearch(search: string, principal: Principal, context: CriteriaContext): Expression {
  const params = bindVariables(search, principal);
  if (params === undefined || params.length === 0) return NONE;
  return evaluable(
    () => ofOneResource(parseConditions('Patient', params, { ...context, isRight: true })),
    isRelation,
  );
}

/** Several `_has` of one type and reference speak of one resource: the team that he is in is the one that is active. */
function ofOneResource(search: Expression): Expression {
  const parts = search.kind === 'and' ? search.of : [search];
  const groups = Map.groupBy(parts, (part) =>
    part.kind === 'has' ? `${part.sourceType} ${part.param}` : part,
  );
  return and(
    ...[...groups.values()].flatMap((group): readonly Expression[] => {
      const [first] = group;
      if (first?.kind !== 'has') return group;
      return [{ ...first, of: and(...group.flatMap((part) => (part.kind === 'has' ? [part.of] : []))) }];
    }),
  );
}

/** What may tell that a professional and a Patient have to do with each other. */
export const RELATED_TYPES: readonly string[] = ['CareTeam', 'Encounter', 'EpisodeOfCare', 'Appointment'];

/** What SQL and memory can both decide: of the Patient alone, or of what refers to him. */
function isRelation(expression: Expression): boolean {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return expression.of.every(isRelation);
    case 'not':
      return isRelation(expression.of);
    case 'has':
      return RELATED_TYPES.includes(expression.sourceType) && isRelation(expression.of);
    case 'words':
    case 'chain':
    case 'list':
    case 'codes':
    case 'tokens':
    case 'hierarchy':
    case 'ofPatient':
    case 'dissent':
      return false;
    default:
      return true;
  }
}

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const LABELS = ['R', 'V'] as const;
/** Elements besides meta.security that label a resource, by the search parameter over them. */
const LABEL_PARAMETERS: Readonly<Record<string, string>> = {
  Composition: 'confidentiality',
  DocumentReference: 'security-label',
};

const clearances = ({ policy, clearance = [] }: Principal): ReadonlySet<Clearance> =>
  new Set([...(policy.clearance ?? []), ...clearance]);

/** What is labelled restricted or very restricted needs a clearance; what a Consent denies needs that nobody is bound. */
export function protectionFilter(
  principal: Principal,
  resourceType: string,
  context: CriteriaContext,
): readonly Expression[] {
  if (!isOfPatients(resourceType, context)) return [];
  const cleared = clearances(principal);
  const closed = LABELS.filter((label) => !cleared.has(label));
  const isBound = !cleared.has('consent') && resourceType !== 'AuditEvent';
  return [
    ...(closed.length === 0 ? [] : [not(labelled(resourceType, closed, context))]),
    ...(isBound ? [not({ kind: 'dissent', to: recipientOf(principal) })] : []),
  ];
}

function labelled(resourceType: string, labels: readonly string[], context: CriteriaContext): Expression {
  const value = labels.map((label) => `${CONFIDENTIALITY}|${label}`).join(',');
  const names = [
    '_security',
    ...(LABEL_PARAMETERS[resourceType] === undefined ? [] : [LABEL_PARAMETERS[resourceType]]),
  ];
  return or(
    ...names.map((name) => parseConditions(resourceType, [[name, value]], { ...context, isRight: true })),
  );
}

const recipientOf = ({ fhirUser, organization, policy }: Principal) => ({
  actors: [fhirUser, organization].filter((name) => name !== undefined),
  ...(policy.purposes === undefined ? {} : { purposes: policy.purposes }),
});

/** Whose records the user has opened in an emergency; nothing for roles that may not. */
export function emergencyFilter(
  { policy, emergency = [] }: Principal,
  resourceType: string,
  context: CriteriaContext,
): Expression {
  if (policy.emergency !== true || !isOfPatients(resourceType, context)) return NONE;
  return belongsTo(resourceType, emergency, context);
}
