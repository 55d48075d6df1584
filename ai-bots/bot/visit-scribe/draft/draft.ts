/** A drafted visit as the bundle builder takes it: the clinical pipeline's results, sorted into what becomes a resource. */
import type { PassedOver, ProviderName } from '../../../orchestrator/index.ts';
import type { Coding, Device, DocumentReference, Encounter, Patient, Reference } from '@medplum/fhirtypes';

export interface Sentence {
  readonly id: string;
  readonly text: string;
  /** Ids of the transcript's cues that the sentence came from. */
  readonly source: readonly string[];
  /** Why to look twice, in words. */
  readonly unsupported?: string;
}

export interface Section {
  /** LOINC. */
  readonly code: string;
  readonly title: string;
  readonly sentences: readonly Sentence[];
}

export interface ConditionFinding {
  readonly kind: 'condition';
  readonly text: string;
  /** Only when certain. */
  readonly coding?: Coding;
  /** The clinician named it as a diagnosis. */
  readonly diagnosed: boolean;
  /** Said to be over. */
  readonly isPast?: boolean;
  readonly source: readonly string[];
}

export interface MedicationFinding {
  readonly kind: 'medication';
  readonly text: string;
  readonly coding?: Coding;
  readonly dosage?: string;
  readonly source: readonly string[];
}

export interface FamilyFinding {
  readonly kind: 'family';
  readonly text: string;
  readonly coding?: Coding;
  /** v3-RoleCode, e.g. MTH. */
  readonly relationship: Coding;
  readonly source: readonly string[];
}

export interface VitalFinding {
  readonly kind: 'vital';
  readonly coding: Coding;
  readonly quantity?: VitalQuantity;
  readonly components?: readonly { readonly coding: Coding; readonly quantity: VitalQuantity }[];
  readonly source: readonly string[];
}

/** In UCUM. */
export interface VitalQuantity {
  readonly value: number;
  readonly unit: string;
  readonly code: string;
}

export type Finding = ConditionFinding | MedicationFinding | FamilyFinding | VitalFinding;

/** Who answered at a stage and who was asked before; without a provider nobody could, and the draft lacks that part. */
export interface StageRecord {
  readonly stage: 'transcribe' | 'draft' | 'extract' | 'code';
  readonly provider?: ProviderName;
  readonly passedOver: readonly PassedOver[];
}

/** Everything that the resources are made from. */
export interface VisitDraft {
  /** The transcript as WebVTT with cue ids and speakers. */
  readonly vtt: string;
  /** Whether a machine wrote the transcript down. */
  readonly dictated: boolean;
  readonly sections: readonly Section[];
  readonly findings: readonly Finding[];
  readonly stages: readonly StageRecord[];
}

/** What the resources of one draft share. */
export interface DraftContext {
  readonly id: (role: string) => string;
  readonly subject: Reference<Patient>;
  readonly encounter?: Reference<Encounter>;
  /** Start of the visit. */
  readonly date?: string;
  /** Instant of writing. */
  readonly now: string;
  readonly recording: Reference;
  readonly recordingVersion: Reference;
  readonly transcript: Reference<DocumentReference>;
  readonly note: Reference<DocumentReference>;
  /** The bot itself. */
  readonly device: Reference<Device>;
}
