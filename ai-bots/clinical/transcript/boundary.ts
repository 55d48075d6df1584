/** Sentences in speech that was written down without punctuation: a trained guess behind each word. */
import { hashed } from '../model/index.ts';
import { score, type LinearModel } from '../model/index.ts';

interface BoundaryModels {
  /** Whether a sentence ends behind a word. */
  readonly end: LinearModel;
  /** Whether the sentence that ends is a question. */
  readonly question: LinearModel;
}

const bare = (word: string | undefined): string => (word ?? '').toLowerCase().replace(/[^a-z0-9'-]/g, '');
const LENGTHS = [1, 2, 3, 4, 6, 8, 11, 15, 20, 28];
const lengthOf = (words: number): number => LENGTHS.findLastIndex((low) => words >= low);

/** Of the gap behind the word `at`, when the sentence began at `from`. */
export function gapFeatures(words: readonly string[], at: number, from: number): string[] {
  const w = (offset: number): string => bare(words[at + offset]);
  const [c, b, a, x, y, z] = [w(-2), w(-1), w(0), w(1), w(2), w(3)];
  const length = lengthOf(at - from + 1);
  return [
    `a ${a}`,
    `b ${b}`,
    `c ${c}`,
    `x ${x}`,
    `y ${y}`,
    `z ${z}`,
    `ba ${b} ${a}`,
    `xy ${x} ${y}`,
    `ax ${a} ${x}`,
    `axy ${a} ${x} ${y}`,
    `bax ${b} ${a} ${x}`,
    `xyz ${x} ${y} ${z}`,
    `l ${length}`,
    `lx ${length} ${x}`,
    `la ${length} ${a}`,
    `first ${bare(words[from])} ${bare(words[from + 1])} ${length}`,
  ];
}

export function questionFeatures(words: readonly string[], from: number, to: number): string[] {
  const said = words.slice(from, to + 1).map(bare);
  return [
    ...said.map((word) => `w ${word}`),
    ...said.slice(1).map((word, i) => `b ${said[i] ?? ''} ${word}`),
    `first ${said[0] ?? ''}`,
    `first2 ${said[0] ?? ''} ${said[1] ?? ''}`,
    `last ${said.at(-1) ?? ''}`,
    `last2 ${said.at(-2) ?? ''} ${said.at(-1) ?? ''}`,
    `next ${bare(words[to + 1])}`,
    `l ${lengthOf(said.length)}`,
  ];
}

const isEnd = (words: readonly string[], at: number, from: number, { end }: BoundaryModels): boolean =>
  score(end, hashed(gapFeatures(words, at, from), end.bits)) > 0;

/** Positions of the words behind which a sentence ends, by mark or by the model. Linear in the number of words. */
export function endsOf(words: readonly string[], models: BoundaryModels): number[] {
  const ends: number[] = [];
  let from = 0;
  words.forEach((word, at) => {
    if (!/[.?!]$/.test(word) && (at === words.length - 1 || !isEnd(words, at, from, models))) return;
    ends.push(at);
    from = at + 1;
  });
  return ends;
}

/** The same words with "." and "?" where the models hear an end. Linear in the number of words. */
export function punctuated(text: string, models: BoundaryModels): string {
  const words = text.split(' ').filter((word) => word !== '');
  let from = 0;
  return words
    .map((word, at) => {
      const last = at === words.length - 1;
      if (!/[\p{L}\p{N}'%]$/u.test(word)) {
        if (/[.?!]$/.test(word)) from = at + 1;
        return word;
      }
      if (!last && !isEnd(words, at, from, models)) return word;
      const { question } = models;
      const asked = score(question, hashed(questionFeatures(words, from, at), question.bits)) > 0;
      from = at + 1;
      return `${word}${asked ? '?' : '.'}`;
    })
    .join(' ');
}
