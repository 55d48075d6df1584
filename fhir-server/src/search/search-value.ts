/** Splitting and unescaping of search values. https://hl7.org/fhir/R4/search.html#escaping */
import { badRequest, type FhirError } from '../fhir/outcome.ts';
import type { Prefix } from './expression.ts';

/** Splits at an unescaped separator; the parts stay escaped. */
export function splitEscaped(text: string, separator: ',' | '|' | '$'): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === separator) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/** Resolves `\,` `\|` `\$` and `\\`; any other backslash stands for itself. */
export const unescapeValue = (text: string): string => text.replace(/\\([,|$\\])/g, '$1');

const PREFIXED = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(.*)$/s;

/** Without a prefix a value means `eq`. */
export function splitPrefix(text: string): { prefix: Prefix; rest: string } {
  const found = PREFIXED.exec(text);
  return found ? { prefix: found[1] as Prefix, rest: found[2]! } : { prefix: 'eq', rest: text };
}

/** 400 that names the parameter, but not the value, which may be personal data. */
export const badValue = (param: string, problem: string): FhirError =>
  badRequest(`Parameter ${param}: ${problem}.`, param);
