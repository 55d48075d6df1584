/** What the server says of a document, by the lines of its text. */
import type { ApiIssue } from '@dr-assistant/ui/session';
import type { Remark } from '../components/JsonEditor.tsx';
import { JsonFault, jsonPlaces, lineOf, lineOfExpression } from './json-places.ts';

export type Parsed =
  | { readonly document: object; readonly fault?: undefined }
  | { readonly document?: undefined; readonly fault: Remark };

/** @param noJson the words for what is no JSON */
export function parseDocument(text: string, noJson: string): Parsed {
  const faultAt = (offset: number): Parsed => ({
    fault: { line: lineOf(text, offset), severity: 'error', text: noJson },
  });
  try {
    jsonPlaces(text);
    const document: unknown = JSON.parse(text);
    if (typeof document === 'object' && document !== null && !Array.isArray(document)) return { document };
    return faultAt(0);
  } catch (error) {
    return faultAt(error instanceof JsonFault ? error.offset : 0);
  }
}

/** Each issue at its place; one without a place stands on the first line. The text must be JSON. */
export function remarksOf(text: string, issues: readonly ApiIssue[]): Remark[] {
  const places = jsonPlaces(text);
  return issues
    .flatMap(({ severity, text: words, places: expressions }) =>
      (expressions.length === 0 ? [''] : expressions).map((expression) => ({
        line: lineOfExpression(text, places, expression),
        severity,
        text: words,
      })),
    )
    .toSorted((a, b) => a.line - b.line);
}
