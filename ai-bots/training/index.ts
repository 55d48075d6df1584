/** The face of training: from dialogues with notes to the models that the clinical pipeline comes with. */
import type { Trained } from '../clinical/model/index.ts';
import type { Visit } from './corpora.ts';
import type { FeedbackVisit } from './feedback.ts';
import { trainHeaders } from './headers.ts';
import { THRESHOLD, trainSelector } from './notes.ts';
import { trainSpeech } from './speech.ts';

export { compare, type Comparison } from './compare.ts';
export { parseFeedback, type FeedbackSentence, type FeedbackVisit, type Label } from './feedback.ts';
export { aciBench, mtsDialog, type Visit } from './corpora.ts';

/** Raised with each artefact that is put into the repository. */
export const VERSION = '1.0.0';

export interface Corpora {
  /** Whole visits with their notes. */
  readonly visits: readonly Visit[];
  /** Pieces of visits with a section each. */
  readonly pieces: readonly Visit[];
  /** What clinicians kept, changed and struck out. */
  readonly feedback?: readonly FeedbackVisit[];
}

/** Deterministic: the same texts in the same order give the same models. */
export function train({ visits, pieces, feedback = [] }: Corpora): Trained {
  const speech = trainSpeech([...visits, ...pieces].map(({ dialogue }) => dialogue));
  const licence = 'CC BY 4.0';
  return {
    version: feedback.length === 0 ? VERSION : `${VERSION}+feedback.${feedback.length}`,
    data: [
      { name: 'ACI-BENCH train', licence, examples: visits.length },
      { name: 'MTS-Dialog training', licence, examples: pieces.length },
      ...(feedback.length === 0 ? [] : [{ name: 'feedback', licence: 'own', examples: feedback.length }]),
    ],
    threshold: THRESHOLD,
    models: { select: trainSelector(visits, speech, feedback), ...speech },
    headers: trainHeaders(pieces, visits),
  };
}
