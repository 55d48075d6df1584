/** Who administers: a user whose policy says so, a service registered for it, or the operator at the command line. */
import type { Principal } from '../access/index.ts';
import type { AuditAgent } from '../audit/index.ts';
import { ADMIN_SCOPES, type AdminScope } from '../auth/index.ts';
import { forbidden } from '../fhir/outcome.ts';

export interface Administrator {
  /** As the audit names him. */
  readonly agent: AuditAgent;
  /** Nobody changes what his own rights rest on: this account, this policy, this client. */
  readonly own: { readonly userId?: string; readonly policy?: string; readonly clientId?: string };
  /** Whether he may let others administer. A service that has only some of the scopes could raise itself by them. */
  readonly mayAppoint: boolean;
  readonly scopes: readonly string[];
}

/** Throws FhirError 403 for tokens without the scope, and for users whose policy does not let them administer. */
export function checkAdministrator(
  principal: Principal,
  scope: AdminScope,
  address: string | undefined,
): Administrator {
  const { kind, clientId, userId, fhirUser, policy, adminScopes = [] } = principal;
  if (!adminScopes.includes(scope)) throw forbidden(`The token does not have the scope ${scope}.`);
  if (kind === 'user' && policy.administration !== true)
    throw forbidden(`The policy ${policy.name} does not let its users administer.`);
  return {
    agent: { clientId, userId, fhirUser, address },
    own: {
      policy: policy.name,
      ...(kind === 'user' ? { ...(userId === undefined ? {} : { userId }) } : { clientId }),
    },
    mayAppoint: kind === 'user' || ADMIN_SCOPES.every((one) => adminScopes.includes(one)),
    scopes: adminScopes,
  };
}

/** Whoever has the database and the secrets is above all roles. */
export const OPERATOR: Administrator = {
  agent: { clientId: 'command-line' },
  own: {},
  mayAppoint: true,
  scopes: ADMIN_SCOPES,
};
