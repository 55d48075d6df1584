/** Normal form in which string parameters are stored and searched. https://hl7.org/fhir/R4/search.html#string */

/**
 * Ignores accents, case and runs of white space, as R4 asks of the default string search. Ill-formed UTF-16 is
 * replaced and NUL dropped, so that memory and PostgreSQL see the same text.
 */
export function normaliseString(text: string): string {
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
