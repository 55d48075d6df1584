/** Which section of a note a piece of a visit belongs to, by the section headers of MTS-Dialog. */
import { hashed, score, trained, type Trained } from '../model/index.ts';
import { clean } from '../transcript/index.ts';
import type { Transcript } from '../types.ts';

const STOP = new Set('the a an and is it i you to of that in my your have for on be so'.split(' '));

export interface Said {
  /** `clinician`, `patient`, or whatever else. */
  readonly role: string;
  readonly text: string;
}

const length = (said: readonly Said[]): number =>
  said.reduce((sum, { text }) => sum + text.split(' ').length, 0);

/** Four letters in a row, so that "surgeries" knows something of "surgical". */
function parts(text: string): string[] {
  const words = new Set(text.toLowerCase().match(/[a-z]{3,}/g) ?? []);
  return [...words].flatMap((word) => {
    const whole = `_${word}_`;
    return Array.from({ length: whole.length - 3 }, (_, i) => `c ${whole.slice(i, i + 4)}`);
  });
}

/** Words and pairs of words of both sides, the clinician's questions apart from the rest. */
export function headerFeatures(said: readonly Said[]): string[] {
  const names: string[] = [];
  said.forEach(({ role, text }, i) => {
    const side = role === 'clinician' ? 'c' : 'p';
    const words = (text.toLowerCase().match(/[a-z']+|\d+/g) ?? []).map((word) =>
      /\d/.test(word) ? '#' : word,
    );
    const content = words.filter((word) => !STOP.has(word));
    names.push(
      ...content.map((word) => `w ${word}`),
      ...content.map((word) => `${side} ${word}`),
      ...content.filter((word) => word.length > 5).map((word) => `stem ${word.slice(0, 5)}`),
      ...words.slice(1).map((word, k) => `b ${words[k] ?? ''} ${word}`),
      ...words.slice(2).map((word, k) => `t ${words[k] ?? ''} ${words[k + 1] ?? ''} ${word}`),
    );
    if (i === 0) names.push(...content.map((word) => `first ${word}`));
  });
  names.push(...parts(said.map(({ text }) => text).join(' ')));
  const clinician = said.filter(({ role }) => role === 'clinician');
  const questions = clinician.filter(({ text }) => text.includes('?')).length;
  const [own, all] = [length(clinician), length(said)];
  names.push(
    `turns ${Math.min(12, said.length)}`,
    `ratio ${Math.floor((6 * own) / Math.max(1, all))}`,
    `questions ${Math.min(6, questions)}`,
    `asking ${Math.floor((4 * questions) / Math.max(1, said.length))}`,
    `length ${Math.floor(Math.log2(1 + all) * 2)}`,
  );
  return names;
}

export interface Header {
  readonly header: string;
  /** From 0 to 1. */
  readonly certainty: number;
}

/** The likeliest header of a piece of a visit, from the words of all its speakers. */
export function headerOf(transcript: Transcript, { headers }: Trained = trained()): Header | undefined {
  const names = headerFeatures(
    transcript.segments.map(({ role, text }) => ({ role: role ?? 'unknown', text: clean(text) })),
  );
  const features = new Map<number, number[]>();
  const odds = [...headers].map(([header, model]) => {
    const own = features.get(model.bits) ?? hashed(names, model.bits);
    features.set(model.bits, own);
    return { header, odds: score(model, own) };
  });
  const [best] = odds.toSorted((a, b) => b.odds - a.odds);
  if (best === undefined) return undefined;
  const sum = odds.reduce((total, other) => total + Math.exp(other.odds - best.odds), 0);
  return { header: best.header, certainty: 1 / sum };
}

export const sectionHeader = (transcript: Transcript, model?: Trained): string | undefined =>
  headerOf(transcript, model)?.header;
