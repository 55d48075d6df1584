/** What a role may do: a document of rules, each of which adds rights; nothing takes them away. */
import type { Interaction } from './interaction.ts';

export interface AccessPolicy {
  readonly name: string;
  readonly rules: readonly PolicyRule[];
}

/** A right, limited by all of its members together. A limit that cannot be evaluated leaves nothing of the right. */
export interface PolicyRule {
  /** A resource type, or `*`. */
  readonly resourceType: string;
  readonly interactions: readonly Interaction[] | '*';
  /**
   * A FHIR search (`status=final&subject=%patient`) that the resource must match. A value may be a variable of the user:
   * `%patient` and `%practitioner` are the reference by which he is known, `%organization` the one that he acts for.
   */
  readonly criteria?: string;
  /** Only what is in the compartment of the Patient that the user is. */
  readonly compartment?: 'Patient';
}
