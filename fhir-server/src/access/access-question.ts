/** What administration asks of somebody's rights, and what it is told. */
import type { Interaction } from './interaction.ts';
import type { AccessPolicy } from './policy.ts';

export interface AccessQuestion {
  readonly interaction: Interaction;
  readonly resourceType: string;
  /** Of one resource; absent for a question about the type. */
  readonly id?: string | undefined;
}

export interface AccessAnswer {
  readonly permitted: boolean;
  /** Why not, or how far. */
  readonly reason: string;
  /** Those of the token's scopes that permit it. */
  readonly scopes: readonly string[];
  /** Those of the policy's rules that permit it, for a resource by what it is now. */
  readonly rules: AccessPolicy['rules'];
  /** How many resources a search of the type would find. */
  readonly total?: number;
  /** Whether there is such a resource, for the audit; nobody is told. */
  readonly exists?: boolean;
}
