/** The face of access: who may do what, as search expressions. Pure. */
export { type CriteriaContext, isEvaluable } from './criteria.ts';
export { type AccessDecision, decideAccess, isPossible } from './decide-access.ts';
export { describeScope } from './describe-scope.ts';
export type { Interaction } from './interaction.ts';
export type { AccessPolicy, PolicyRule } from './policy.ts';
export type { Principal } from './principal.ts';
export { parseScope, type Scope } from './scope.ts';
export { type RoleName, SHIPPED_POLICIES, shippedPolicy } from './shipped-policies.ts';
