/** The access decision: token scopes ∩ the role's policy ∩ compartment, as a filter over index rows. */
import { and, type Expression, NONE, or } from '../search/index.ts';
import { stateFilter, withoutState } from './app-state.ts';
import { bindVariables, compileCriteria, type CriteriaContext } from './criteria.ts';
import { type Interaction, SCOPE_LETTER } from './interaction.ts';
import { ownPatientId, patientFilter } from './patient-compartment.ts';
import { emergencyFilter, protectionFilter, relationFilter } from './relation.ts';
import type { PolicyRule } from './policy.ts';
import type { Principal } from './principal.ts';
import { hasLetter, type Scope } from './scope.ts';

/** `filter` is what the resource must match; `reason` may be shown to the client. */
export type AccessDecision =
  | { readonly permitted: false; readonly reason: string }
  | { readonly permitted: true; readonly filter: Expression };

/** Decisions of a principal, who lives as long as his token's verification is kept, under one context. */
interface Remembered {
  readonly context: CriteriaContext;
  /** Of the registry: a search parameter that changes may change what criteria mean. */
  readonly revision: number;
  readonly decisions: Map<string, AccessDecision>;
}

const remembered = new WeakMap<Principal, Remembered>();

/**
 * A read, search or history answers only with what matches the filter. A created version must match it; for
 * update, patch and delete both the stored version and the new one (if any) must.
 */
export function decideAccess(
  principal: Principal,
  interaction: Interaction,
  resourceType: string,
  context: CriteriaContext,
): AccessDecision {
  let memory = remembered.get(principal);
  // `now` is left out of the comparison: `ap` dates may lag behind for as long as the principal is kept.
  const { registry, baseUrl } = context;
  const isSame = memory?.context.registry === registry && memory.context.baseUrl === baseUrl;
  if (memory === undefined || !isSame || memory.revision !== registry.revision)
    remembered.set(principal, (memory = { context, revision: registry.revision, decisions: new Map() }));
  const key = `${interaction} ${resourceType}`;
  let decision = memory.decisions.get(key);
  if (!decision)
    memory.decisions.set(key, (decision = decide(principal, interaction, resourceType, context)));
  return decision;
}

/** Nobody, whatever his role, changes or removes what the audit has. */
const APPEND_ONLY = 'AuditEvent';
const CHANGES: ReadonlySet<Interaction> = new Set(['update', 'patch', 'delete']);

export const isPossible = (interaction: Interaction, resourceType: string): boolean =>
  resourceType !== APPEND_ONLY || !CHANGES.has(interaction);

function decide(
  principal: Principal,
  interaction: Interaction,
  resourceType: string,
  context: CriteriaContext,
): AccessDecision {
  if (!isPossible(interaction, resourceType))
    return { permitted: false, reason: `${resourceType} can be added to, and not be changed.` };
  const byScope = or(
    ...principal.scopes.map((scope) => scopeFilter(scope, principal, interaction, resourceType, context)),
  );
  if (byScope.kind === 'none')
    return {
      permitted: false,
      reason: `The scopes of the token do not permit ${interaction} of ${resourceType}.`,
    };
  const byRole = (): Expression => policyFilter(principal, interaction, resourceType, context);
  const byPolicy =
    principal.appState === undefined
      ? byRole()
      : stateFilter(principal, interaction, resourceType, context, byRole);
  if (byPolicy.kind === 'none')
    return {
      permitted: false,
      reason:
        principal.appState === undefined
          ? `The policy ${principal.policy.name} does not permit ${interaction} of ${resourceType}.`
          : 'The app is not trusted with such state.',
    };
  const others = principal.appState === undefined ? withoutState(resourceType, context) : [];
  return { permitted: true, filter: and(byScope, byPolicy, ...others) };
}

/** By its rules within what labels and Consents leave, and of a record that was opened in an emergency whatever they say. */
function policyFilter(
  principal: Principal,
  interaction: Interaction,
  resourceType: string,
  context: CriteriaContext,
): Expression {
  const byRules = (isEmergency: boolean): Expression =>
    or(
      ...principal.policy.rules.map((rule) =>
        ruleFilter(rule, principal, interaction, resourceType, context, isEmergency),
      ),
    );
  const ordinary = and(byRules(false), ...protectionFilter(principal, resourceType, context));
  const emergency = emergencyFilter(principal, resourceType, context);
  return emergency.kind === 'none' ? ordinary : or(ordinary, and(byRules(true), emergency));
}

function scopeFilter(
  scope: Scope,
  principal: Principal,
  interaction: Interaction,
  resourceType: string,
  context: CriteriaContext,
): Expression {
  if (scope.resourceType !== '*' && scope.resourceType !== resourceType) return NONE;
  if (!hasLetter(scope, SCOPE_LETTER[interaction])) return NONE;
  // A backend client has no user whose rights it could use, and a user's app gets none beyond his.
  if (scope.level !== 'patient' && (scope.level === 'system') !== (principal.kind === 'client')) return NONE;
  const reach: readonly Expression[] =
    scope.level === 'patient' ? [patientFilter(principal.patient, interaction, resourceType, context)] : [];
  return and(...reach, compileCriteria(resourceType, scope.params, context));
}

function ruleFilter(
  rule: PolicyRule,
  principal: Principal,
  interaction: Interaction,
  resourceType: string,
  context: CriteriaContext,
  isEmergency: boolean,
): Expression {
  if (rule.resourceType !== '*' && rule.resourceType !== resourceType) return NONE;
  if (rule.interactions !== '*' && !rule.interactions.includes(interaction)) return NONE;
  const reach: readonly Expression[] =
    rule.compartment === undefined
      ? []
      : [patientFilter(ownPatientId(principal), interaction, resourceType, context)];
  const relation =
    rule.patients === undefined || isEmergency
      ? []
      : [relationFilter(rule.patients, principal, resourceType, context)];
  const params = rule.criteria === undefined ? [] : bindVariables(rule.criteria, principal);
  return params === undefined
    ? NONE
    : and(...reach, ...relation, compileCriteria(resourceType, params, context));
}
