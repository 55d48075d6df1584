/** The text filter of $expand: each word is the beginning of a word. https://hl7.org/fhir/R4/valueset-operation-expand.html */

const BETWEEN_WORDS = /[^\p{L}\p{N}]+/u;

/** Letters of either case, with or without accents, are the same. */
const fold = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();

/** The words of a text as they are compared. */
export const wordsOf = (text: string): readonly string[] => fold(text).split(BETWEEN_WORDS).filter(Boolean);

/** Whether words have all beginnings that are sought; without words in it every text matches. */
export function textMatcher(sought: string): (words: readonly string[]) => boolean {
  const beginnings = [...new Set(wordsOf(sought))];
  return (words) => beginnings.every((beginning) => words.some((word) => word.startsWith(beginning)));
}
