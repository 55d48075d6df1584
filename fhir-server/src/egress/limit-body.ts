/** An answer as the caller gets it: of bounded size, and with no other errors than ours. */
import type { Response as UndiciResponse } from 'undici';
import { EgressError } from './egress-error.ts';
import { detailOf } from './fault-detail.ts';

/** Reading its body throws EgressError as soon as there are more bytes, unpacked, than `bytesMax`. */
export function limitBody(from: UndiciResponse, url: URL, bytesMax: number): Response {
  const { status, statusText, headers } = from;
  const body = from.body === null ? null : ReadableStream.from(pieces(from.body, bytesMax));
  const response = new Response(body as ReadableStream<Uint8Array<ArrayBuffer>> | null, {
    status,
    statusText,
    headers: [...headers],
  });
  return Object.defineProperty(response, 'url', { value: url.href });
}

async function* pieces(body: AsyncIterable<unknown>, bytesMax: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  try {
    for await (const piece of body as AsyncIterable<Uint8Array>) {
      size += piece.byteLength;
      if (size > bytesMax) throw new EgressError('too-large', `more than ${bytesMax} bytes`);
      yield piece;
    }
  } catch (error) {
    throw error instanceof EgressError ? error : new EgressError('failed', detailOf(error));
  }
}
