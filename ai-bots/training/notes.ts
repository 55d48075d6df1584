/** Trains the selector: which candidates of a visit are worth their words, given the note that a clinician wrote of it. */
import { candidatesOf, type Candidate } from '../clinical/draft/candidate.ts';
import { selectionFeatures } from '../clinical/draft/features.ts';
import { pronouns } from '../clinical/draft/person.ts';
import { SECTION_OF_HEADER, SECTIONS } from '../clinical/draft/section.ts';
import { supportedBy } from '../clinical/draft/support.ts';
import type { SpeechModels } from '../clinical/draft/turn.ts';
import {
  hashed,
  probability,
  quantise,
  score,
  trainLinear,
  type Example,
  type LinearModel,
} from '../clinical/model/index.ts';
import { parseTranscript } from '../clinical/transcript/index.ts';
import type { Visit } from './corpora.ts';
import { feedbackExamples, type FeedbackVisit } from './feedback.ts';

const BITS = 15;
/** Chosen by five-fold cross-validation of ACI-BENCH train, like the threshold. */
const SETTINGS = { bits: BITS, epochs: 20, rate: 0.1, l2: 5e-4 };
/** Candidates above it are written; a higher one costs ROUGE, a lower one lets talk into the note. */
export const THRESHOLD = 0.32;
/** What a round takes for written decides what the next one counts as said already. */
const ROUNDS = 3;

interface Prepared {
  readonly words: readonly (readonly string[])[];
  readonly features: readonly (readonly number[])[];
  readonly clinical: readonly boolean[];
  readonly reference: ReadonlyMap<string, number>;
}

const tokens = (text: string): string[] => text.toLowerCase().match(/[a-z0-9]+/g) ?? [];

function counted(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function prepare(visit: Visit, speech: SpeechModels): Prepared {
  const transcript = parseTranscript(visit.dialogue, 'text/plain');
  const candidates: Candidate[] = candidatesOf(transcript, pronouns(visit.gender), speech).filter(
    supportedBy(transcript),
  );
  return {
    words: candidates.map(({ text }) => tokens(text)),
    features: candidates.map((candidate) => hashed(selectionFeatures(candidate), BITS)),
    clinical: candidates.map((candidate) => candidate.clinical),
    reference: counted(tokens(visit.note)),
  };
}

/** Of whole visits: the sections of short pieces are not among them. */
const SHORT_ONLY = new Set(Object.values(SECTION_OF_HEADER));
const TITLES = SECTIONS.filter(({ name }) => !SHORT_ONLY.has(name)).flatMap(({ title }) => tokens(title));

/** The target is the share of a candidate's words that the note has and that the other written ones leave open. */
function examples({ words, features, reference }: Prepared, isWritten: readonly boolean[]): Example[] {
  const all = counted([...TITLES, ...words.flatMap((own, i) => (isWritten[i] === true ? own : []))]);
  return words.map((own, i) => {
    const mine = counted(own);
    let hits = 0;
    for (const [word, count] of mine) {
      const others = (all.get(word) ?? 0) - (isWritten[i] === true ? count : 0);
      hits += Math.min(count, Math.max(0, (reference.get(word) ?? 0) - others));
    }
    const length = Math.max(1, own.length);
    return { features: features[i] ?? [], target: hits / length, weight: length / 10 };
  });
}

/** @param feedback what clinicians kept, changed and struck out */
export function trainSelector(
  visits: readonly Visit[],
  speech: SpeechModels,
  feedback: readonly FeedbackVisit[] = [],
): LinearModel {
  const prepared = visits.map((visit) => prepare(visit, speech));
  const further = feedbackExamples(feedback, speech, BITS);
  let written = prepared.map(({ clinical }) => clinical);
  let model: LinearModel | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const all = prepared.flatMap((visit, i) => examples(visit, written[i] ?? []));
    const trained = trainLinear([...all, ...further], SETTINGS);
    written = prepared.map(({ features }) => features.map((f) => probability(score(trained, f)) > THRESHOLD));
    model = trained;
  }
  if (model === undefined) throw new Error('The selector was trained in no round.');
  return quantise(model);
}
