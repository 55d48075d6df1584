/** What clinicians made of drafts, as examples for the selector: one visit a line of NDJSON, de-identified. */
import { candidatesOf } from '../clinical/draft/candidate.ts';
import { selectionFeatures } from '../clinical/draft/features.ts';
import { pronouns } from '../clinical/draft/person.ts';
import { supportedBy } from '../clinical/draft/support.ts';
import type { SpeechModels } from '../clinical/draft/turn.ts';
import { hashed, type Example } from '../clinical/model/index.ts';
import type { Role, Transcript } from '../clinical/types.ts';

export type Label = 'kept' | 'changed' | 'removed' | 'added';

export interface FeedbackSentence {
  /** LOINC code of the section. */
  readonly section: string;
  /** As drafted; of an added one as written by hand. */
  readonly text: string;
  /** As signed, when it was changed. */
  readonly signed?: string;
  readonly source: readonly string[];
  readonly label: Label;
}

export interface FeedbackVisit {
  readonly version: 1;
  readonly gender: 'male' | 'female' | 'unknown';
  readonly segments: readonly { readonly id: string; readonly role?: Role; readonly text: string }[];
  readonly sentences: readonly FeedbackSentence[];
}

/** Throws an Error that names the first line that is no visit of feedback. */
export const parseFeedback = (ndjson: string): FeedbackVisit[] =>
  ndjson.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return [];
    const visit = parseLine(line);
    if (visit === undefined) throw new Error(`Line ${i + 1} is no visit of feedback.`);
    return [visit];
  });

function parseLine(line: string): FeedbackVisit | undefined {
  try {
    const visit = JSON.parse(line) as Partial<FeedbackVisit>;
    const isWhole = visit.version === 1 && Array.isArray(visit.segments) && Array.isArray(visit.sentences);
    return isWhole ? (visit as FeedbackVisit) : undefined;
  } catch {
    return undefined;
  }
}

export const transcriptOf = ({ segments }: FeedbackVisit): Transcript => ({ segments });

/** The note as it was signed. */
export const signedText = ({ sentences }: FeedbackVisit): string =>
  sentences
    .filter(({ label }) => label !== 'removed')
    .map(({ text, signed }) => signed ?? text)
    .join('\n');

const words = (text: string): Set<string> => new Set(text.toLowerCase().match(/[a-z0-9]+/g) ?? []);

/** Share of the words of `text` that `other` has. */
export function overlap(text: string, other: string): number {
  const [own, others] = [words(text), words(other)];
  return own.size === 0 ? 0 : [...own].filter((word) => others.has(word)).length / own.size;
}

/** Half of the words: a drafted sentence that shares less is another sentence. */
const SAME = 0.5;
/** What a clinician decided about one sentence says more than words in common with a reference note. */
const WEIGHT = 2;

/** Kept sentences are right, removed ones wrong, changed ones as far as their words stayed; what was added teaches its sources. */
export function feedbackExamples(
  visits: readonly FeedbackVisit[],
  speech: SpeechModels,
  bits: number,
): Example[] {
  return visits.flatMap((visit) => {
    const transcript = transcriptOf(visit);
    const candidates = candidatesOf(transcript, pronouns(visit.gender), speech).filter(
      supportedBy(transcript),
    );
    return candidates.flatMap((candidate): Example[] => {
      const target = targetOf(candidate.text, candidate.source, visit.sentences);
      if (target === undefined) return [];
      const weight = (WEIGHT * candidate.text.split(' ').length) / 10;
      return [{ features: hashed(selectionFeatures(candidate), bits), target, weight }];
    });
  });
}

/** Undefined when the clinician never saw it and wrote nothing like it: that says nothing. */
function targetOf(
  text: string,
  source: readonly string[],
  sentences: readonly FeedbackSentence[],
): number | undefined {
  const both = (other: string): number => Math.min(overlap(text, other), overlap(other, text));
  const [drafted] = sentences
    .filter((s) => s.label !== 'added' && s.source.some((id) => source.includes(id)) && both(s.text) > SAME)
    .toSorted((x, y) => both(y.text) - both(x.text));
  if (drafted?.label === 'kept') return 1;
  if (drafted?.label === 'removed') return 0;
  if (drafted !== undefined) return overlap(text, drafted.signed ?? drafted.text);
  const added = sentences.filter((s) => s.label === 'added').map((s) => overlap(text, s.text));
  const best = Math.max(0, ...added);
  return best > SAME ? best : undefined;
}
