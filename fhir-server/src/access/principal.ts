/** Who makes a request, as established by the access token; the input of every access decision. */
import type { AccessPolicy, Clearance } from './policy.ts';
import type { Scope } from './scope.ts';

export interface Principal {
  readonly kind: 'user' | 'client';
  readonly clientId: string;
  /** Account id, for users. */
  readonly userId?: string;
  /** Of the token, for users: what is to outlive a request ends with the grant. */
  readonly grantId?: string;
  /** `Practitioner/123`, `Patient/1`…, for users. */
  readonly fhirUser?: string;
  /** `Organization/1`, for users who act for one: the policy variable %organization. */
  readonly organization?: string;
  readonly scopes: readonly Scope[];
  /** Scopes of the admin API, such as `admin/users.read`. They reach no resource, and no scope for resources implies one. */
  readonly adminScopes?: readonly string[];
  /** Scopes for one's own account, `account/apps.read`; as those of the admin API they reach no resource. */
  readonly accountScopes?: readonly string[];
  /** The role's policy: effective rights are scopes ∩ policy ∩ compartment. */
  readonly policy: AccessPolicy;
  /** Beyond that of the policy. */
  readonly clearance?: readonly Clearance[];
  /** State of which codes (`system|code`) its app is trusted with, and of which also where it is the same for everybody. */
  readonly stateCodes?: readonly string[];
  readonly globalStateCodes?: readonly string[];
  /**
   * At the endpoint for state, and there alone: whose state is asked for, `Patient/1`, after his right to it was checked; `none`
   * for that of everybody; `any` where it is only looked up whose it is.
   */
  readonly appState?: { readonly subject: string };
  /** Launch context. */
  readonly patient?: string;
  readonly encounter?: string;
  /** Ids of Patients whose records the user has opened in an emergency, for the time being. */
  readonly emergency?: readonly string[];
}
