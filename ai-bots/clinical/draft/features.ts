/** What the selector knows of a candidate: its words, and where and by whom it was said. */
import { mentionsIn } from '../extract/index.ts';
import type { Candidate } from './candidate.ts';
import { clinical } from './vocabulary.ts';

const STEP = [0, 3, 5, 8, 12, 16, 22, 30];
const step = (value: number): number => STEP.findLastIndex((low) => value >= low);

/** Names of features; numbers in the text are all alike. */
export function selectionFeatures(candidate: Candidate): string[] {
  const { text, section, kind, phase, at } = candidate;
  const words = (text.toLowerCase().match(/[a-z']+|\d+/g) ?? []).map((word) =>
    /\d/.test(word) ? '#' : word,
  );
  const said = kind === 'clinician' ? 'c' : 'p';
  return [
    ...words.map((word) => `w ${word}`),
    ...words.map((word) => `w ${section} ${word}`),
    ...words.slice(1).map((word, i) => `b ${words[i] ?? ''} ${word}`),
    ...words.slice(0, 1).map((word) => `first ${said} ${word}`),
    `rules ${kind} ${section} ${candidate.clinical}`,
    `rules ${candidate.clinical}`,
    `kind ${kind} ${phase}`,
    `section ${section} ${phase}`,
    `at ${said} ${Math.floor(at * 8)}`,
    `length ${step(words.length)}`,
    `length ${kind} ${candidate.clinical} ${step(words.length)}`,
    `lists ${clinical(text)}`,
    `lists ${kind} ${phase} ${clinical(text)}`,
    `mentions ${Math.min(3, mentionsIn(text).length)}`,
    `number ${kind} ${words.includes('#')}`,
  ];
}
