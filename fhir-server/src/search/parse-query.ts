/** The query of a URL, or a form, as names and values. https://url.spec.whatwg.org/#application/x-www-form-urlencoded */
import { badRequest } from '../fhir/outcome.ts';

/** Throws 400 for an escape that is malformed or makes no UTF-8: what was meant cannot be known. */
export function checkQuery(text: string, place = 'http.url'): void {
  if (!text.includes('%')) return;
  try {
    decodeURIComponent(text);
  } catch {
    throw badRequest('The query has a malformed escape', place);
  }
}

/** Throws 400 as `checkQuery` does. */
export function parseQuery(text: string, place?: string): [string, string][] {
  checkQuery(text, place);
  return text === '' ? [] : [...new URLSearchParams(text)];
}
