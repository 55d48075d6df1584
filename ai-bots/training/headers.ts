/** Trains the classifier of section headers on MTS-Dialog: the dialogues, and with less weight the sections written of them. */
import { headerFeatures } from '../clinical/draft/header.ts';
import { hashed, quantise, trainSoftmax, type Labelled, type LinearModel } from '../clinical/model/index.ts';
import { clean, parseTranscript } from '../clinical/transcript/index.ts';
import type { Visit } from './corpora.ts';

const BITS = 15;
/** Chosen on MTS-Dialog validation and by cross-validation of the training set. */
const SETTINGS = { bits: BITS, epochs: 10, rate: 0.2, l2: 1e-4 };
const WRITTEN_WEIGHT = 0.5;

export function trainHeaders(pieces: readonly Visit[]): Map<string, LinearModel> {
  const examples = pieces.flatMap(({ dialogue, note, header }): Labelled[] => {
    if (header === undefined) return [];
    const said = parseTranscript(dialogue, 'text/plain').segments.map((segment) => ({
      role: segment.role ?? 'unknown',
      text: clean(segment.text),
    }));
    const written = [{ role: 'note', text: note }];
    return [
      { features: hashed(headerFeatures(said), BITS), label: header, weight: 1 },
      { features: hashed(headerFeatures(written), BITS), label: header, weight: WRITTEN_WEIGHT },
    ];
  });
  const models = trainSoftmax(examples, SETTINGS);
  return new Map([...models].map(([header, model]) => [header, quantise(model)]));
}
