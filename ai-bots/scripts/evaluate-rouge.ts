/** ROUGE-1, ROUGE-2 and ROUGE-Lsum F1 (Lin 2004), https://aclanthology.org/W04-1013/ : lower case, words and digits, no stemming. */
export interface Rouge {
  readonly rouge1: number;
  readonly rouge2: number;
  readonly rougeLsum: number;
}

const tokens = (text: string): string[] => text.toLowerCase().match(/[a-z0-9]+/g) ?? [];

const counts = (items: readonly string[]): Map<string, number> => {
  const out = new Map<string, number>();
  for (const item of items) out.set(item, (out.get(item) ?? 0) + 1);
  return out;
};

const f1 = (hits: number, candidate: number, reference: number): number =>
  hits === 0 ? 0 : (2 * hits) / (candidate + reference);

function ngram(candidate: readonly string[], reference: readonly string[], n: number): number {
  const grams = (t: readonly string[]): string[] => t.slice(n - 1).map((_, i) => t.slice(i, i + n).join(' '));
  const [c, r] = [grams(candidate), grams(reference)];
  const have = counts(c);
  let hits = 0;
  for (const [gram, count] of counts(r)) hits += Math.min(count, have.get(gram) ?? 0);
  return f1(hits, c.length, r.length);
}

/** Positions in `a` that are in one longest common subsequence with `b`. */
function common(a: readonly string[], b: readonly string[]): number[] {
  const table = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  const at = (i: number, j: number): number => table[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++) {
      const row = table[i];
      if (row) row[j] = a[i - 1] === b[j - 1] ? at(i - 1, j - 1) + 1 : Math.max(at(i - 1, j), at(i, j - 1));
    }
  const out: number[] = [];
  for (let i = a.length, j = b.length; i > 0 && j > 0;) {
    if (a[i - 1] === b[j - 1]) {
      out.push(i - 1);
      i--;
      j--;
    } else if (at(i - 1, j) >= at(i, j - 1)) i--;
    else j--;
  }
  return out;
}

/** Sentences are lines; union of the subsequences, every word counted at most as often as it occurs. */
function lsum(candidate: readonly string[][], reference: readonly string[][]): number {
  const left = counts(candidate.flat());
  let hits = 0;
  for (const sentence of reference) {
    const union = new Set(candidate.flatMap((c) => common(sentence, c)));
    for (const position of union) {
      const word = sentence[position] ?? '';
      const available = left.get(word) ?? 0;
      if (available === 0) continue;
      left.set(word, available - 1);
      hits++;
    }
  }
  return f1(hits, candidate.flat().length, reference.flat().length);
}

const lines = (text: string): string[][] =>
  text
    .split(/\n|(?<=[.?!])\s+/)
    .map(tokens)
    .filter((line) => line.length > 0);

/** The F1 of single words alone, from 0 to 1: fast. */
export const rouge1 = (candidate: string, reference: string): number =>
  ngram(tokens(candidate), tokens(reference), 1);

/** Each from 0 to 1. */
export function rouge(candidate: string, reference: string): Rouge {
  const [c, r] = [tokens(candidate), tokens(reference)];
  return {
    rouge1: ngram(c, r, 1),
    rouge2: ngram(c, r, 2),
    rougeLsum: lsum(lines(candidate), lines(reference)),
  };
}
