/** Whether a document is an AccessPolicy of which every part can be carried out: what cannot be is refused when it is saved, and never at use. */
import { isResourceType, structure } from '../fhir/definitions/index.ts';
import { compileCriteria, type CriteriaContext } from './criteria.ts';
import { SCOPE_LETTER } from './interaction.ts';
import type { AccessPolicy, Clearance, ElementLimit, PolicyRule } from './policy.ts';
import { isOfPatients, relationFilter } from './relation.ts';
import type { Principal } from './principal.ts';
import { parseParams } from './scope.ts';

/** `expression` is the place in the document: `rules[3].criteria`. */
export interface PolicyFault {
  readonly expression: string;
  readonly text: string;
}

const NAME = /^[a-z][a-z0-9-]{0,63}$/;
const RULES_MAX = 1_000;
const MEMBERS: readonly (keyof AccessPolicy)[] = [
  'name',
  'rules',
  'administration',
  'elements',
  'clearance',
  'purposes',
  'emergency',
  'booking',
];
const ELEMENT_MEMBERS: readonly (keyof ElementLimit)[] = ['resourceType', 'hidden', 'readonly'];
const CLEARANCES: readonly Clearance[] = ['R', 'V', 'consent'];
const LIST_MAX = 100;
const RULE_MEMBERS: readonly (keyof PolicyRule)[] = [
  'resourceType',
  'interactions',
  'criteria',
  'patients',
  'compartment',
];
const INTERACTIONS = Object.keys(SCOPE_LETTER);
/** What stands for a variable while criteria are looked at. */
const VARIABLES: Readonly<Record<string, string>> = {
  '%patient': 'Patient/x',
  '%practitioner': 'Practitioner/x',
  '%organization': 'Organization/x',
};

type Members = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** All that is wrong; none means that it is an AccessPolicy. */
export function policyFaults(document: unknown, context: CriteriaContext): readonly PolicyFault[] {
  if (!isObject(document)) return [{ expression: 'policy', text: 'An AccessPolicy is a JSON object' }];
  const { name, rules, administration, emergency, booking, clearance, purposes, elements } = document;
  const faults = unknownMembers(document, MEMBERS, '');
  const check = (isGood: boolean, expression: string, text: string): void => {
    if (!isGood) faults.push({ expression, text });
  };
  check(
    typeof name === 'string' && NAME.test(name),
    'name',
    'The name must have small letters, digits and hyphens, at most 64',
  );
  for (const [member, value] of Object.entries({ administration, emergency, booking }))
    check(value === undefined || value === true, member, `${member} is true or absent`);
  check(
    clearance === undefined || isListOf(clearance, (word) => (CLEARANCES as string[]).includes(word)),
    'clearance',
    `clearance must be a list of ${CLEARANCES.join(', ')}`,
  );
  check(
    purposes === undefined || isListOf(purposes, (word) => /^[A-Z]{2,20}$/.test(word)),
    'purposes',
    'purposes must be a list of codes of v3-PurposeOfUse',
  );
  if (elements !== undefined) faults.push(...elementFaults(elements));
  if (!Array.isArray(rules) || rules.length > RULES_MAX)
    return [...faults, { expression: 'rules', text: `rules must be an array of at most ${RULES_MAX}` }];
  return [...faults, ...rules.flatMap((rule: unknown, i) => ruleFaults(rule, `rules[${i}]`, context))];
}

const isListOf = (value: unknown, isGood: (text: string) => boolean): value is string[] =>
  Array.isArray(value) &&
  value.length <= LIST_MAX &&
  value.every((word: unknown) => typeof word === 'string' && isGood(word));

function elementFaults(elements: unknown): PolicyFault[] {
  if (!Array.isArray(elements) || elements.length > RULES_MAX)
    return [{ expression: 'elements', text: `elements must be an array of at most ${RULES_MAX}` }];
  return elements.flatMap((limit: unknown, i) => {
    const place = `elements[${i}]`;
    if (!isObject(limit)) return [{ expression: place, text: 'A limit of elements is a JSON object' }];
    const faults = unknownMembers(limit, ELEMENT_MEMBERS, `${place}.`);
    const { resourceType } = limit;
    if (typeof resourceType !== 'string' || !isResourceType(resourceType))
      faults.push({
        expression: `${place}.resourceType`,
        text: 'resourceType must be a resource type of R4',
      });
    const known = topLevelElements(String(resourceType));
    for (const member of ['hidden', 'readonly'] as const)
      if (limit[member] !== undefined && !isListOf(limit[member], (name) => known.includes(name)))
        faults.push({ expression: `${place}.${member}`, text: `${member} must list top-level elements` });
    return faults;
  });
}

/** `value` for `value[x]`. */
const topLevelElements = (resourceType: string): readonly string[] =>
  (structure(resourceType)?.elements ?? [])
    .map(({ path }) => path.replace('[x]', '').split('.'))
    .flatMap(([, name, ...deeper]) => (name !== undefined && deeper.length === 0 ? [name] : []))
    // By these the server itself knows the resource.
    .filter((name) => name !== 'id' && name !== 'meta');

/** A member that is not known could be meant as a limit. */
const unknownMembers = (object: Members, known: readonly string[], place: string): PolicyFault[] =>
  Object.keys(object)
    .filter((member) => !known.includes(member))
    .map((member) => ({ expression: place + member, text: 'This member is not known here' }));

function ruleFaults(rule: unknown, place: string, context: CriteriaContext): PolicyFault[] {
  if (!isObject(rule)) return [{ expression: place, text: 'A rule is a JSON object' }];
  const { resourceType, interactions, criteria, patients, compartment } = rule;
  const faults = unknownMembers(rule, RULE_MEMBERS, `${place}.`);
  const add = (member: string, text: string): void =>
    void faults.push({ expression: `${place}.${member}`, text });
  const isType = typeof resourceType === 'string' && (resourceType === '*' || isResourceType(resourceType));
  if (!isType) add('resourceType', 'resourceType must be a resource type of R4, or *');
  if (interactions !== '*' && !isInteractions(interactions))
    add('interactions', `interactions must be * or a list of ${INTERACTIONS.join(', ')}`);
  if (compartment !== undefined && compartment !== 'Patient')
    add('compartment', 'compartment is Patient or absent');
  if (!isType) return faults;
  if (criteria !== undefined) {
    const fault = criteriaFault(criteria, resourceType, context);
    if (fault !== undefined) add('criteria', fault);
  }
  if (patients !== undefined) {
    const fault = patientsFault(patients, resourceType, context);
    if (fault !== undefined) add('patients', fault);
  }
  return faults;
}

const isInteractions = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((word: unknown) => INTERACTIONS.includes(String(word)));

/** Users of whom every variable has a value. */
const PROBES: readonly Principal[] = ['Patient/x', 'Practitioner/x'].map((fhirUser) => ({
  kind: 'user',
  clientId: 'x',
  fhirUser,
  organization: 'Organization/x',
  scopes: [],
  policy: { name: 'x', rules: [] },
}));

function patientsFault(
  searches: unknown,
  resourceType: string,
  context: CriteriaContext,
): string | undefined {
  if (!isListOf(searches, (text) => text !== '') || searches.length === 0)
    return 'patients must be a list of searches for Patients';
  if (resourceType !== '*' && !isOfPatients(resourceType, context))
    return `${resourceType} belongs to no Patient`;
  const isEvaluable = (search: string): boolean =>
    PROBES.some((probe) => relationFilter([search], probe, 'Patient', context).kind !== 'none');
  return searches.every(isEvaluable)
    ? undefined
    : 'patients must be searches of Patient by his own parameters, or by _has of CareTeam, Encounter, EpisodeOfCare or Appointment';
}

function criteriaFault(
  criteria: unknown,
  resourceType: string,
  context: CriteriaContext,
): string | undefined {
  // As in bindVariables: a % is the sign of a variable, and escapes nothing.
  const params = typeof criteria === 'string' ? parseParams(criteria.replaceAll('%', '%25')) : undefined;
  if (params === undefined) return 'criteria must have the form name=value&name=value';
  const unknown = params.find(([, value]) => value.startsWith('%') && !Object.hasOwn(VARIABLES, value));
  if (unknown !== undefined) return `a variable must be one of ${Object.keys(VARIABLES).join(', ')}`;
  const bound = params.map(([name, value]) => [name, VARIABLES[value] ?? value] as const);
  const type = resourceType === '*' ? 'Resource' : resourceType;
  return compileCriteria(type, bound, context).kind === 'none'
    ? `criteria must be a search of ${type} by parameters that are decided on the resource itself`
    : undefined;
}
