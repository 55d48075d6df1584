/** Extraction takes time in proportion to the words, whatever they are. */
import { expect, test } from '@jest/globals';
import { extractEntities, type Transcript } from '../../clinical/index.ts';

const WORDS =
  'no fever cough if pain in my chest and left knee the blood pressure is one thirty two over eighty denies mother had history of a cold not without metformin five hundred milligrams twice a day for ten days allergic to , . ? but or'.split(
    ' ',
  );

/** Deterministic words in turns of `length` words. */
function visit(words: number, length: number, seed = 1): Transcript {
  let state = seed;
  const next = (): string => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return WORDS[state % WORDS.length] ?? '';
  };
  const turns = Math.ceil(words / length);
  return {
    segments: Array.from({ length: turns }, (_, i) => ({
      id: `c${i + 1}`,
      role: i % 2 === 0 ? 'clinician' : 'patient',
      text: Array.from({ length }, next).join(' '),
    })),
  };
}

/** The best of three, in CPU milliseconds of this process: others on the machine do not count. */
function cost(transcript: Transcript): number {
  const times = [1, 2, 3].map(() => {
    const started = process.cpuUsage();
    extractEntities(transcript);
    const { user, system } = process.cpuUsage(started);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

test.each([
  ['turns of 30 words', 30],
  ['a single turn', Number.POSITIVE_INFINITY],
])(
  'A visit of two hours takes less than four seconds, and four times the words at most eight times as long, in %s.',
  (_title, length) => {
    const of = (words: number): Transcript => visit(words, Math.min(length, words));
    extractEntities(of(2_000));
    const [small, large] = [cost(of(5_000)), cost(of(20_000))];
    expect(large).toBeLessThan(4_000);
    expect(large / small).toBeLessThan(8);
  },
);

test.each([
  'no',
  'if',
  'pain',
  'pain in my',
  'one',
  'a',
  'I V',
  'my my my',
  'blood pressure is',
  '?',
  'do you have',
  'one hundred and',
  'every',
])('A turn that only says %j again and again does not blow up.', (word) => {
  const of = (count: number): Transcript => ({
    segments: [{ id: 'c1', role: 'patient', text: `${word} `.repeat(count) }],
  });
  extractEntities(of(500));
  expect(cost(of(8_000))).toBeLessThan(Math.max(400, 8 * cost(of(2_000))));
});
