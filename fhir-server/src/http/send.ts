/** Puts an answer on the wire, in JSON or XML. */
import type { ServerResponse } from 'node:http';
import { parseJsonInTurns, parseStored, toJson } from '../fhir/json/index.ts';
import type { FhirError } from '../fhir/outcome.ts';
import { serializeXml, serializeXmlInTurns } from '../fhir/xml/index.ts';
import type { Answer } from '../interaction/index.ts';
import { FHIR_JSON, FHIR_XML, type Format } from './negotiate.ts';

const CONTENT_TYPE: Readonly<Record<Format, string>> = {
  json: `${FHIR_JSON}; charset=utf-8`,
  xml: `${FHIR_XML}; charset=utf-8`,
};

/** How a client wants its answer. */
export interface Form {
  readonly format: Format;
  readonly isPretty: boolean;
}

export const PLAIN: Form = { format: 'json', isPretty: false };

/** Shorter texts are sent together with the headers. */
const LONG_TEXT = 16_384;

export async function sendAnswer(response: ServerResponse, answer: Answer, form: Form): Promise<void> {
  const { contentType } = answer;
  // JSON goes out as it is stored, without a turn in between.
  const text =
    answer.body === undefined || contentType !== undefined || isAsStored(form)
      ? answer.body
      : await formed(answer.body, form);
  response.statusCode = answer.status;
  for (const name in answer.headers) response.setHeader(name, answer.headers[name]!);
  if (text === undefined) {
    response.end();
    return;
  }
  finish(response, text, contentType ?? CONTENT_TYPE[form.format]);
}

function finish(response: ServerResponse, text: string, contentType: string): void {
  response.setHeader('Content-Type', contentType);
  // Who asks for the head alone is told the length too, which Node finds out from what it sends.
  if (response.req.method === 'HEAD') response.setHeader('Content-Length', Buffer.byteLength(text));
  // Node goes through a string twice, for its length and to encode it.
  response.end(text.length > LONG_TEXT ? Buffer.from(text) : text);
}

const isAsStored = ({ format, isPretty }: Form): boolean => format === 'json' && !isPretty;

async function formed(body: string, { format, isPretty }: Form): Promise<string> {
  if (format === 'json') return toJson(parseStored<object>(body), 2);
  return serializeXmlInTurns((await parseJsonInTurns(body)) as object, isPretty);
}

export function sendError(response: ServerResponse, error: FhirError, { format, isPretty } = PLAIN): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.statusCode = error.status;
  for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
  const { outcome, formed } = error;
  if (formed) {
    finish(response, formed.text, formed.contentType);
    return;
  }
  const json = (): string => JSON.stringify(outcome, undefined, isPretty ? 2 : 0);
  finish(response, format === 'xml' ? serializeXml(outcome, isPretty) : json(), CONTENT_TYPE[format]);
}
