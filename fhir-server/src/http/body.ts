/** Request bodies: read up to a limit, inflated, decoded and parsed, each fault with its own outcome. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import express from 'express';
import { badRequest, tooLarge, unsupportedMediaType, type FhirError } from '../fhir/outcome.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

export type BodyReader = (request: IncomingMessage, response: ServerResponse) => Promise<Buffer>;

/** Reads whole bodies, whatever their type. Throws 400, 413 or 415. */
export function createBodyReader(maxBytes: number): BodyReader {
  const parse = express.raw({ type: () => true, limit: maxBytes, inflate: true });
  return (request, response) =>
    new Promise((resolve, reject) => {
      parse(request, response, (fault?: unknown) => {
        const { body } = request as express.Request<unknown, unknown, unknown>;
        if (fault === undefined) resolve(Buffer.isBuffer(body) ? body : Buffer.alloc(0));
        else reject(bodyFault(fault, maxBytes));
      });
    });
}

function bodyFault(fault: unknown, maxBytes: number): FhirError {
  const status = (fault as { status?: unknown } | null)?.status;
  if (status === 413) return tooLarge(`The body may have at most ${maxBytes} bytes`, 'http.body');
  if (status === 415)
    return unsupportedMediaType('This Content-Encoding is not supported', 'http.Content-Encoding');
  return badRequest('The body could not be read', 'http.body');
}

/** JSON text in UTF-8. Throws 400 with line and column of the fault. */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) throw badRequest('The request has no body', 'http.body');
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    throw badRequest('The body is not valid UTF-8', 'http.body');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`The body is not valid JSON${jsonPlace(error, text)}`, 'http.body');
  }
}

/** V8 tells the position of most faults; its message may quote the text, which must not get into a log. */
function jsonPlace(error: unknown, text: string): string {
  const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
  if (position === undefined) return '';
  const before = text.slice(0, Number(position)).split('\n');
  return ` at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

export function parseForm(body: Buffer): [string, string][] {
  try {
    return [...new URLSearchParams(utf8.decode(body))];
  } catch {
    throw badRequest('The form is not valid UTF-8', 'http.body');
  }
}
