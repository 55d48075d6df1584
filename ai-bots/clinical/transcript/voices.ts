/** Who says each sentence where no label tells: trained on the words of either side and on where speakers change. */
import { hashed } from '../model/index.ts';
import { score, type LinearModel } from '../model/index.ts';

export interface VoiceModels {
  /** Whether a sentence is the clinician's, by its words. */
  readonly clinician: LinearModel;
  /** Whether the speaker changes between two sentences. */
  readonly change: LinearModel;
}

const words = (sentence: string): string[] => sentence.toLowerCase().match(/[a-z0-9']+|\?/g) ?? [];

export function voiceFeatures(sentence: string): string[] {
  const said = words(sentence);
  return [
    ...said.map((word) => `w ${word}`),
    ...said.slice(1).map((word, i) => `b ${said[i] ?? ''} ${word}`),
    `first ${said.slice(0, 2).join(' ')}`,
    `last ${said.slice(-2).join(' ')}`,
    `length ${Math.min(10, said.length)}`,
  ];
}

export function changeFeatures(before: string, behind: string): string[] {
  const [left, right] = [words(before), words(behind)];
  const asked = before.trimEnd().endsWith('?');
  return [
    `asked ${asked}`,
    `asked ${asked} ${right[0] ?? ''}`,
    `first ${right[0] ?? ''}`,
    `first2 ${right.slice(0, 2).join(' ')}`,
    `last ${left.slice(-2).join(' ')}`,
    `before ${left.slice(0, 2).join(' ')}`,
    `both ${left[0] ?? ''} ${right[0] ?? ''}`,
    `length ${Math.min(6, left.length)} ${Math.min(6, right.length)} ${asked}`,
    ...left.map((word) => `l ${word}`),
    ...right.map((word) => `r ${word}`),
  ];
}

/** The likeliest division between clinician and patient (Viterbi); time and memory grow with the number of sentences. */
export function voicesOf(sentences: readonly string[], models: VoiceModels): ('clinician' | 'patient')[] {
  let best: [number, number] = [0, 0];
  const from: [number, number][] = [];
  sentences.forEach((sentence, i) => {
    const own = score(models.clinician, hashed(voiceFeatures(sentence), models.clinician.bits));
    const before = sentences[i - 1];
    const change =
      before === undefined
        ? 0
        : score(models.change, hashed(changeFeatures(before, sentence), models.change.bits));
    // States: 0 the clinician, 1 the patient. Log odds count half to either side.
    const [stay, go] = [-change / 2, change / 2];
    const [a, b] = best;
    const step: [number, number] = [a + stay >= b + go ? 0 : 1, b + stay >= a + go ? 1 : 0];
    best = [Math.max(a + stay, b + go) + own / 2, Math.max(b + stay, a + go) - own / 2];
    from.push(step);
  });
  let state: 0 | 1 = best[0] >= best[1] ? 0 : 1;
  const path: ('clinician' | 'patient')[] = [];
  for (let i = sentences.length - 1; i >= 0; i--) {
    path.push(state === 0 ? 'clinician' : 'patient');
    state = from[i]?.[state] === 0 ? 0 : 1;
  }
  return path.reverse();
}
