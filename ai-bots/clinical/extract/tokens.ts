/** Words of a sentence with their places: lower case, without possessive "'s" and plural, spelled-out acronyms as one. */

export interface Token {
  /** Normalised, see `stem`. */
  readonly word: string;
  /** As it was said. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const WORD = /[\p{L}\p{N}]+(?:['.,](?=[\p{L}\p{N}])[\p{L}\p{N}]+)*/gu;

export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(WORD)) {
    for (const piece of withoutInnerPoints(match[0], match.index)) {
      const last = tokens.at(-1);
      if (last !== undefined && spellsOn(text, last, piece)) {
        const said = text.slice(last.start, piece.end);
        tokens[tokens.length - 1] = {
          word: last.word + piece.text.toLowerCase(),
          text: said.replaceAll(' ', ''),
          start: last.start,
          end: piece.end,
        };
      } else tokens.push({ ...piece, word: stem(withoutPlural(piece.text).toLowerCase()) });
    }
  }
  return tokens;
}

interface Piece {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A point or comma stays inside of numbers only: "98.6", but "cough.no" is two words. */
function withoutInnerPoints(text: string, at: number): Piece[] {
  if (!/[.,]/.test(text) || /^\d+(?:[.,]\d+)+$/.test(text))
    return [{ text, start: at, end: at + text.length }];
  return [...text.matchAll(/[^.,]+/g)].map((part) => ({
    text: part[0],
    start: at + part.index,
    end: at + part.index + part[0].length,
  }));
}

/** "UTIs": an acronym's plural. */
const withoutPlural = (said: string): string => (/^[A-Z]{2,}s$/.test(said) ? said.slice(0, -1) : said);

const SPELLED_MAX = 8;

/** "G E R D": single capitals with one space between are one word. */
const spellsOn = (text: string, last: Token, piece: Piece): boolean =>
  /^[A-Z]$/.test(piece.text) &&
  /^[A-Z]+$/.test(last.text) &&
  piece.start === last.end + 1 &&
  last.text.length < SPELLED_MAX &&
  text[last.end] === ' ' &&
  isSpelled(text.slice(last.start, last.end));

const isSpelled = (said: string): boolean => /^[A-Z](?: [A-Z])*$/.test(said);

/** The same for singular and plural; a key to compare by, not a word to show. */
export function stem(lower: string): string {
  const word = lower.endsWith("'s") ? lower.slice(0, -2) : lower;
  if (word.length <= 3 || !word.endsWith('s') || /(?:ss|us|is)$/.test(word)) return word;
  if (/[^aeiou]ies$/.test(word) && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(?:ss|sh|x|[^a]ch|virus|sinus)es$/.test(word)) return word.slice(0, -2);
  return word.slice(0, -1);
}
