/** What a run of number words may mean: "one thirty two" is 132, or 1 and 32. */

const ONES =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen';
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety';
const ORDINALS =
  'zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth';

const VALUES = new Map<string, number>([
  ...ONES.split(' ').map((word, i) => [word, i] as const),
  ...TENS.split(' ').map((word, i) => [word, 20 + 10 * i] as const),
  ...ORDINALS.split(' ').map((word, i) => [word, i] as const),
  ...([
    ['twentieth', 20],
    ['thirtieth', 30],
    ['oh', 0],
    ['once', 1],
    ['twice', 2],
    ['couple', 2],
    ['dozen', 12],
    ['half', 0.5],
  ] as const),
]);
const SCALES = new Map([
  ['hundred', 100],
  ['thousand', 1_000],
  ['million', 1_000_000],
]);

export const NUMBER_WORDS: readonly string[] = [...VALUES.keys(), ...SCALES.keys()].toSorted(
  (a, b) => b.length - a.length,
);

/** The numbers of a run as they are said one after the other: "one hundred and five" → [105], "one thirty two" → [1, 32]. */
export function piecesOf(words: readonly string[]): number[] {
  const pieces: number[] = [];
  let i = 0;
  while (i < words.length) {
    // "Twenty and thirty": a joint between two numbers is none itself.
    if (words[i] === 'and' || words[i] === 'point') {
      i += 1;
      continue;
    }
    const { value, next } = numberAt(words, i);
    pieces.push(value);
    i = Math.max(next, i + 1);
  }
  return pieces;
}

function numberAt(words: readonly string[], start: number): { value: number; next: number } {
  let i = start;
  let [total, current] = [0, 0];
  let isOpen = false;
  for (; i < words.length; i += 1) {
    const word = words[i] ?? '';
    const scale = SCALES.get(word);
    const value = VALUES.get(word);
    if (scale !== undefined) {
      current = Math.max(current, 1) * scale;
      if (scale >= 1_000) [total, current] = [total + current, 0];
      isOpen = true;
    } else if (word === 'and' || word === 'point') {
      if (word === 'point') return withFraction(words, i + 1, total + current);
      if (!isOpen) break;
    } else if (value !== undefined) {
      const fits =
        i === start || isOpen
          ? value < 100 && (current % 100 === 0 || i === start)
          : isUnitOf(current, value);
      if (!fits) break;
      current += value;
      isOpen = false;
    } else break;
  }
  return { value: total + current, next: i };
}

/** "twenty five", "one hundred twenty five" */
const isUnitOf = (current: number, value: number): boolean =>
  value > 0 && value < 10 && current % 100 >= 20 && current % 10 === 0;

function withFraction(
  words: readonly string[],
  from: number,
  whole: number,
): { value: number; next: number } {
  let digits = '';
  let i = from;
  for (; i < words.length; i += 1) {
    const value = VALUES.get(words[i] ?? '');
    if (value === undefined || value > 9 || value % 1 !== 0) break;
    digits += String(value);
  }
  return { value: digits === '' ? whole : Number(`${whole}.${digits}`), next: i };
}

/** Neighbouring numbers read as one: 1, 32 → 132; 19, 75 → 1975; 1, 0, 2 → 102; also 98, 6 → 98.6. */
export function joinsOf(pieces: readonly number[]): number[] {
  const joins: number[] = [];
  for (let from = 0; from < pieces.length; from += 1)
    for (let to = from + 2; to <= Math.min(pieces.length, from + 4); to += 1) {
      const part = pieces.slice(from, to);
      if (part.slice(1).every((n) => n < 100 && Number.isInteger(n))) joins.push(Number(part.join('')));
      const [whole = 0, tenth = 0] = part;
      if (part.length === 2 && whole >= 90 && whole <= 110 && tenth < 10)
        joins.push(Number(`${whole}.${tenth}`));
    }
  return joins;
}
