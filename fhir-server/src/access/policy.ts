/** What a role may do: a document of rules, each of which adds rights; nothing takes them away. */
import type { Interaction } from './interaction.ts';

export interface AccessPolicy {
  readonly name: string;
  readonly rules: readonly PolicyRule[];
  /** Whether its users may use the admin API, as far as the scopes of their token go. */
  readonly administration?: true;
  /** Elements that are kept from the role, or from its hand, whatever rule gives it the resource. */
  readonly elements?: readonly ElementLimit[];
  /** What it may see besides the ordinary. */
  readonly clearance?: readonly Clearance[];
  /** What its users do with records, for Consents: codes of v3-PurposeOfUse. Undefined: nobody knows. */
  readonly purposes?: readonly string[];
  /** Whether its users may open a record in an emergency, beyond relation, labels and Consents. */
  readonly emergency?: true;
  /** Whether a patient books, moves and cancels his own Appointments in free Slots, by `$hold`, `$book`, `$cancel` and `$waitlist`. */
  readonly booking?: true;
}

/** Resources labelled restricted (`R`) or very restricted (`V`), or those that a Consent denies. */
export type Clearance = 'R' | 'V' | 'consent';

/** Top-level elements of a type, `value` for `value[x]`. Hidden ones cannot be written either. */
export interface ElementLimit {
  readonly resourceType: string;
  readonly hidden?: readonly string[];
  readonly readonly?: readonly string[];
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
  /**
   * Searches for Patients (`organization=%organization`, `_has:CareTeam:patient:participant=%practitioner`): only what
   * belongs to a Patient whom one of them finds.
   */
  readonly patients?: readonly string[];
  /** Only what is in the compartment of the Patient that the user is. */
  readonly compartment?: 'Patient';
}
