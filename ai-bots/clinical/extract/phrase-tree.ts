/** Finds the longest known phrase at a word: a trie over words, so that each word of a text is looked at a few times only. */
import { tokensOf, type Token } from './tokens.ts';

interface Node<T> {
  readonly next: Map<string, Node<T>>;
  value?: T;
  /** Of acronyms that are words in lower case ("MS"): they count in capitals only. */
  capitals?: T;
}

export interface Found<T> {
  readonly value: T;
  /** Index of the first word behind the phrase. */
  readonly end: number;
}

/** Said between the words of a phrase without changing it: "pain in (my) chest". */
const PASSED_OVER = new Set([
  'my',
  'your',
  'his',
  'her',
  'their',
  'our',
  'the',
  'a',
  'an',
  'any',
  'some',
  'this',
  'that',
  'these',
  'those',
  'uh',
  'um',
]);
const PASSED_OVER_MAX = 2;
/** "Burning when I pee", "burning when you pee". */
const PRONOUN = /^(?:you|he|she|they)$/;
/** Characters on either side that tell whether all is written in capitals. */
const AROUND = 60;

/** `stem` compares without plural and passes over determiners; `exact` compares what was said. */
export class PhraseTree<T> {
  readonly #root: Node<T> = { next: new Map() };
  readonly #isExact: boolean;

  constructor(by: 'stem' | 'exact') {
    this.#isExact = by === 'exact';
  }

  /** The value that the phrase had before, when it had another. */
  add(phrase: string, value: T): T | undefined {
    let node = this.#root;
    for (const key of this.#keysOf(phrase)) {
      const next: Node<T> = node.next.get(key) ?? { next: new Map() };
      node.next.set(key, next);
      node = next;
    }
    const slot = inCapitals(phrase) ? 'capitals' : 'value';
    const known = node[slot];
    node[slot] ??= value;
    return known === value ? undefined : known;
  }

  #keysOf(phrase: string): string[] {
    const words = tokensOf(phrase).map((token) => this.#key(token));
    // The last one is kept for "hepatitis a".
    return words.filter((w, i) => this.#isExact || i === 0 || i === words.length - 1 || !PASSED_OVER.has(w));
  }

  #key(token: Token): string {
    if (this.#isExact) return token.text.toLowerCase();
    return PRONOUN.test(token.word) ? 'i' : token.word;
  }

  /** `text` is where the tokens come from: punctuation inside of a phrase ends it. `end`: the phrase ends before it. */
  longestAt(tokens: readonly Token[], at: number, text: string, end = tokens.length): Found<T> | undefined {
    let node = this.#root;
    let found: Found<T> | undefined;
    let i = at;
    while (i < tokens.length) {
      const step = this.#step(node, tokens, i, text, i > at);
      if (step === undefined || step.end > end) break;
      node = step.node;
      i = step.end;
      const value =
        node.capitals !== undefined && areCapitals(tokens, at, i, text) ? node.capitals : node.value;
      if (value !== undefined) found = { value, end: i };
    }
    return found;
  }

  #step(
    node: Node<T>,
    tokens: readonly Token[],
    at: number,
    text: string,
    isInside: boolean,
  ): { node: Node<T>; end: number } | undefined {
    for (let i = at; i < tokens.length && i <= at + PASSED_OVER_MAX; i++) {
      const token = tokens[i];
      if (token === undefined) return undefined;
      const before = tokens[i - 1];
      const isPassing = i > at || PASSED_OVER.has(token.word);
      if (isInside && before !== undefined && !joins(text.slice(before.end, token.start), isPassing))
        return undefined;
      const next = node.next.get(this.#key(token));
      if (next !== undefined) return { node: next, end: i + 1 };
      const behind = behindNumber(tokens, i);
      const afterNumber = behind > i ? node.next.get('number') : undefined;
      if (afterNumber !== undefined) return { node: afterNumber, end: behind };
      if (this.#isExact || !isInside || !PASSED_OVER.has(token.word)) return undefined;
    }
    return undefined;
  }
}

/** "NUMBER" in a phrase is any number: "lost NUMBER pounds". */
const isNumber = ({ text }: Token): boolean =>
  /^(?:\d+(?:\.\d+)?|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty)$/i.test(
    text,
  );

/** A comma may stand beside a word that is passed over: "in my, my legs". */
const joins = (between: string, isPassing: boolean): boolean =>
  (isPassing ? /^'?[\s,/-]*$/ : /^'?[\s/-]*$|^\.\s$/).test(between);

const inCapitals = (phrase: string): boolean => /^[A-Z][A-Z0-9]+$/.test(phrase);

/** "Twenty five" is one number. */
function behindNumber(tokens: readonly Token[], at: number): number {
  let end = at;
  for (let token = tokens[end]; token !== undefined && isNumber(token) && end < at + 4; token = tokens[end])
    end++;
  return end;
}

/** Capitals say nothing where all around is in capitals. */
const areCapitals = (tokens: readonly Token[], from: number, to: number, text: string): boolean =>
  tokens.slice(from, to).every((t) => inCapitals(t.text)) &&
  /[a-z]/.test(
    text.slice(Math.max(0, (tokens[from]?.start ?? 0) - AROUND), (tokens[to - 1]?.end ?? 0) + AROUND),
  );
