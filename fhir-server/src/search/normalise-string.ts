/** Normal form in which string parameters are stored and searched. https://hl7.org/fhir/R4/search.html#string */

/**
 * Ignores accents, case and runs of white space, as R4 asks of the default string search. Ill-formed UTF-16 is
 * replaced and NUL dropped, so that memory and PostgreSQL see the same text.
 */
export function normaliseString(text: string): string {
  const normal = normalise(text);
  return normal.length <= INDEXED_CHARS_MAX ? normal : normal.slice(0, INDEXED_CHARS_MAX).toWellFormed();
}

/** A B-tree of PostgreSQL takes 2,704 bytes at most; longer texts are found by their beginning. */
const INDEXED_CHARS_MAX = 600;

function normalise(text: string): string {
  return text
    .toWellFormed()
    .normalize('NFD')
    .replace(/[\p{Mn}\0]/gu, '')
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
}
