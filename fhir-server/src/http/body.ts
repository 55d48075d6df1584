/** Request bodies: read up to a limit, inflated, decoded and parsed, each fault with its own outcome. */
import type { IncomingMessage } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { parseJsonInTurns } from '../fhir/json/index.ts';
import { parseXml } from '../fhir/xml/index.ts';
import { badRequest, FhirError, tooLarge, unsupportedMediaType } from '../fhir/outcome.ts';
import { parseQuery } from '../search/index.ts';
import type { Format } from './negotiate.ts';

/** After so many bytes are decoded others get their turn. */
const PIECE = 1_000_000;

/** The bytes of a body, in the pieces in which they came. */
export type Body = readonly Buffer[];
export type BodyReader = (request: IncomingMessage) => Promise<Body>;

/** Reads whole bodies, whatever their type. Throws 400, 413 or 415. */
export function createBodyReader(maxBytes: number): BodyReader {
  const tooLong = (): FhirError => tooLarge(`The body may have at most ${maxBytes} bytes`, 'http.body');
  return async (request) => {
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLong();
    const pieces: Buffer[] = [];
    let size = 0;
    const stream = inflated(request);
    try {
      // What is left unread when we refuse is thrown away by Node, and the client can still read why.
      for await (const piece of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        size += piece.length;
        if (size > maxBytes) throw tooLong();
        pieces.push(piece);
      }
    } catch (error) {
      if (stream !== request) request.unpipe();
      if (error instanceof FhirError) throw error;
      throw badRequest('The body could not be read', 'http.body');
    }
    return pieces;
  };
}

/** https://www.rfc-editor.org/rfc/rfc9110#section-8.4 */
function inflated(request: IncomingMessage): Readable {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  const make = Object.hasOwn(INFLATERS, encoding) ? INFLATERS[encoding] : undefined;
  if (encoding === 'identity') return request;
  if (make === undefined)
    throw unsupportedMediaType('This Content-Encoding is not supported', 'http.Content-Encoding', {
      'Accept-Encoding': Object.keys(INFLATERS).join(', '),
    });
  const inflater = make();
  request.once('error', (error) => inflater.destroy(error));
  return request.pipe(inflater);
}

const INFLATERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** Text in UTF-8. Throws 400 for none, and for bytes that are no UTF-8. */
export async function readText(body: Body): Promise<string> {
  if (body.length === 0) throw badRequest('The request has no body', 'http.body');
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let sinceTurn = 0;
  try {
    for (const [i, piece] of body.entries()) {
      text += utf8.decode(piece, { stream: i < body.length - 1 });
      sinceTurn += piece.length;
      if (sinceTurn > PIECE) {
        sinceTurn = 0;
        await nextTurn();
      }
    }
  } catch {
    throw badRequest('The body is not valid UTF-8', 'http.body');
  }
  return text;
}

/** JSON in UTF-8. Throws 400 with the place of the fault. */
export const readJson = async (body: Body): Promise<unknown> => parseJsonInTurns(await readText(body));

/** A resource in the form that its Content-Type says. Throws 400 with the place of the fault, 415. */
export const readResource = async (body: Body, format: Format): Promise<unknown> =>
  format === 'xml' ? parseXml(await readText(body)) : readJson(body);

export async function readForm(body: Body): Promise<[string, string][]> {
  return body.length === 0 ? [] : parseQuery(await readText(body), 'http.body');
}
