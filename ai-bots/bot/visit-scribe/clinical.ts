/** What the bot needs from a clinical pipeline; the embedded one and cloud services are put behind this face. */
import type { Section } from './draft/draft.ts';

export type Gender = 'male' | 'female' | 'other' | 'unknown';

export interface ClinicalPipeline<Transcript> {
  /** Throws an Error in words when the text holds nothing that was said. */
  parseTranscript(text: string, contentType: 'text/plain' | 'text/vtt'): Transcript;
  /** WebVTT with cue ids and speakers. */
  toVtt(transcript: Transcript): string;
  /** The gender decides the pronouns; without it the patient is "they". */
  draftNote(
    transcript: Transcript,
    gender?: Gender,
  ): Promise<{ readonly provider: string; readonly sections: readonly Section[] }>;
  extractEntities(
    transcript: Transcript,
  ): Promise<{ readonly provider: string; readonly entities: readonly ClinicalEntity[] }>;
}

/** After the model of Comprehend Medical. https://docs.aws.amazon.com/comprehend-medical/latest/dev/textanalysis-entitiesv2.html */
export interface ClinicalEntity {
  readonly text: string;
  readonly category: 'MEDICAL_CONDITION' | 'MEDICATION' | 'TEST_TREATMENT_PROCEDURE' | (string & {});
  readonly type: string;
  readonly traits: readonly { readonly name: Trait | (string & {}) }[];
  readonly attributes: readonly { readonly type: string; readonly text: string }[];
  /** Only codes that are certain. */
  readonly concepts: readonly { readonly system: string; readonly code: string; readonly display: string }[];
  /** Ids of the transcript's cues. */
  readonly source: readonly string[];
  readonly saidByClinician: boolean;
}

export type Trait =
  | 'NEGATION'
  | 'HYPOTHETICAL'
  | 'LOW_CONFIDENCE'
  | 'PERTAINS_TO_FAMILY'
  | 'PAST_HISTORY'
  | 'DIAGNOSIS'
  | 'SIGN'
  | 'SYMPTOM';
