/** Puts an answer on the wire. */
import type { ServerResponse } from 'node:http';
import type { FhirError } from '../fhir/outcome.ts';
import type { Answer } from '../interaction/index.ts';
import { FHIR_JSON } from './negotiate.ts';

const CONTENT_TYPE = `${FHIR_JSON}; charset=utf-8`;

/** Shorter texts are sent together with the headers. */
const LONG_TEXT = 16_384;

export function sendAnswer(response: ServerResponse, answer: Answer, isPretty: boolean): void {
  response.statusCode = answer.status;
  for (const name in answer.headers) response.setHeader(name, answer.headers[name]!);
  if (answer.body === undefined) {
    response.end();
    return;
  }
  response.setHeader('Content-Type', CONTENT_TYPE);
  const text = isPretty ? JSON.stringify(JSON.parse(answer.body), undefined, 2) : answer.body;
  // Node goes through a string twice, for its length and to encode it.
  response.end(text.length > LONG_TEXT ? Buffer.from(text) : text);
}

export function sendError(response: ServerResponse, error: FhirError): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.statusCode = error.status;
  for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
  response.setHeader('Content-Type', CONTENT_TYPE);
  response.end(JSON.stringify(error.outcome));
}
