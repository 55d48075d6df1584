/** What the parts of the clinical pipeline hand to each other: what was said, the drafted note, the entities. */

export type Role = 'clinician' | 'patient' | 'other';

/** One turn or cue of the visit. */
export interface Segment {
  /** Unique in the transcript, without white space: the cue's own id, or c1, c2, … */
  readonly id: string;
  /** The label as written. */
  readonly speaker?: string;
  /** Left out when the labels do not tell. */
  readonly role?: Role;
  readonly startMs?: number;
  readonly endMs?: number;
  /** One line, never empty. */
  readonly text: string;
}

export interface Transcript {
  readonly segments: readonly Segment[];
}

export interface NoteSentence {
  readonly id: string;
  readonly text: string;
  /** Ids of the segments that it was made from, in order; never empty. */
  readonly source: readonly string[];
  /** Why the clinician should look twice, in words: its sources do not say all of it. */
  readonly unsupported?: string;
}

export interface NoteSection {
  /** LOINC. */
  readonly code: string;
  readonly title: string;
  readonly sentences: readonly NoteSentence[];
}

/** Sections that have no sentence are left out. */
export interface DraftedNote {
  readonly sections: readonly NoteSection[];
}

/** What is known of the patient beyond the conversation; it decides pronouns. */
export interface DraftPatient {
  readonly gender?: 'male' | 'female' | 'other' | 'unknown';
  /** FHIR date. */
  readonly birthDate?: string;
  readonly name?: string;
}

export type TraitName =
  | 'NEGATION'
  | 'HYPOTHETICAL'
  | 'LOW_CONFIDENCE'
  | 'PERTAINS_TO_FAMILY'
  | 'PAST_HISTORY'
  | 'DIAGNOSIS'
  | 'SIGN'
  | 'SYMPTOM';

/** After the model of Comprehend Medical. https://docs.aws.amazon.com/comprehend-medical/latest/dev/textanalysis-entitiesv2.html */
export interface ClinicalEntity {
  readonly text: string;
  readonly category: 'MEDICAL_CONDITION' | 'MEDICATION' | 'TEST_TREATMENT_PROCEDURE';
  readonly type: string;
  readonly traits: readonly { readonly name: TraitName }[];
  readonly attributes: readonly { readonly type: string; readonly text: string }[];
  /** Only codes that are certain. */
  readonly concepts: readonly { readonly system: string; readonly code: string; readonly display: string }[];
  /** Ids of the transcript's segments. */
  readonly source: readonly string[];
  readonly saidByClinician: boolean;
}
