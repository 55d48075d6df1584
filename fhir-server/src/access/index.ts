/** The face of access: who may do what, as search expressions. Pure. */
export type { AccessAnswer, AccessQuestion } from './access-question.ts';
export {
  type Asked,
  type ConsentRule,
  isDenied,
  NAMED_ONLY,
  parseConsent,
  type PatientConsent,
} from './consent.ts';
export { hidesStateOnly, STATE_TAG } from './app-state.ts';
export { policyFaults, type PolicyFault } from './check-policy.ts';
export { type CriteriaContext, isEvaluable } from './criteria.ts';
export { type AccessDecision, decideAccess, isPossible } from './decide-access.ts';
export { ElementRefusal, elementTest, keepLimited, redact, tellsHidden } from './element-limits.ts';
export { describeScope } from './describe-scope.ts';
export type { Interaction } from './interaction.ts';
export type { AccessPolicy, Clearance, ElementLimit, PolicyRule } from './policy.ts';
export type { Principal } from './principal.ts';
export { belongsTo, RELATED_TYPES } from './relation.ts';
export { parseScope, type Scope } from './scope.ts';
export { type RoleName, SHIPPED_POLICIES, shippedPolicy } from './shipped-policies.ts';
