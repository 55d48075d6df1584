/** What each stage of the pipeline takes and gives, whichever provider answers it. */
import type { ClinicalEntity, DraftedNote, DraftPatient, Transcript } from '../clinical/index.ts';
import type { Provider } from '../orchestrator/provider.ts';
import type { Recognised, Recording } from './transcribe/recording.ts';

/** Sound (or written text) to words with times and, where the provider tells, speakers. */
export type TranscribeProvider = Provider<Recording, Recognised>;

/** The visit to a note: each sentence names the segments that it came from. */
export interface DraftInput {
  readonly transcript: Transcript;
  readonly patient: DraftPatient;
}
export type DraftProvider = Provider<DraftInput, DraftedNote>;

/** The visit to entities with assertions; `concepts` may stay empty. */
export interface ExtractInput {
  readonly transcript: Transcript;
}
export type ExtractProvider = Provider<ExtractInput, readonly ClinicalEntity[]>;

/** The same entities in the same order, with the codes that are certain. */
export interface CodeInput {
  readonly entities: readonly ClinicalEntity[];
}
export type CodeProvider = Provider<CodeInput, readonly ClinicalEntity[]>;

/** One thing that the chart says, as the bot read it. */
export interface ChartFact {
  /** Reference of the resource that says it, e.g. `Condition/abc`. */
  readonly reference: string;
  readonly category:
    'problem' | 'medication' | 'allergy' | 'result' | 'visit' | 'procedure' | 'document' | 'order';
  /** One line of plain text. */
  readonly text: string;
  /** FHIR date or dateTime. */
  readonly date?: string;
}
export interface SummariseInput {
  readonly facts: readonly ChartFact[];
  readonly patient: DraftPatient;
  /** Why the patient comes, when it is known. */
  readonly reason?: string;
}
export interface SummarySentence {
  readonly text: string;
  /** References of the facts that say it; never empty. */
  readonly source: readonly string[];
}
export interface Summary {
  readonly sections: readonly { readonly title: string; readonly sentences: readonly SummarySentence[] }[];
}
export type SummariseProvider = Provider<SummariseInput, Summary>;
