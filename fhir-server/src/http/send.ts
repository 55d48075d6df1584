/** Puts an answer on the wire. */
import type { Response } from 'express';
import type { FhirError } from '../fhir/outcome.ts';
import type { Answer } from '../interaction/index.ts';
import { FHIR_JSON } from './negotiate.ts';

const CONTENT_TYPE = `${FHIR_JSON}; charset=utf-8`;

export function sendAnswer(response: Response, answer: Answer, isPretty: boolean): void {
  response.status(answer.status);
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  if (answer.body === undefined) {
    response.end();
    return;
  }
  response.setHeader('Content-Type', CONTENT_TYPE);
  response.end(isPretty ? JSON.stringify(JSON.parse(answer.body), undefined, 2) : answer.body);
}

export function sendError(response: Response, error: FhirError): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.status(error.status);
  for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
  response.setHeader('Content-Type', CONTENT_TYPE);
  response.end(JSON.stringify(error.outcome));
}
