/** A download that goes on where its connection broke. */
import { Readable } from 'node:stream';
import { bucketFault } from './bucket-fault.ts';

export interface Download {
  readonly body: Readable;
  /** How many bytes were asked for. */
  readonly length: number;
  /** The rest from this byte on, counted from the first that was asked for. */
  readonly resume: (offset: number) => Promise<Readable>;
}

/**
 * All bytes, or BucketFault; never fewer. `attemptsMax` breaks in a row without a byte in between are too many, and then the
 * last of them is the fault.
 */
export function readOn(download: Download, attemptsMax: number): Readable {
  return Readable.from(bytes(download, attemptsMax), { objectMode: false });
}

async function* bytes({ body, length, resume }: Download, attemptsMax: number): AsyncGenerator<Buffer> {
  let source: Readable | undefined = body;
  let offset = 0;
  let breaks = 0;
  for (;;) {
    try {
      source ??= await resume(offset);
      for await (const chunk of source as AsyncIterable<Buffer>) {
        offset += chunk.length;
        breaks = 0;
        yield chunk;
      }
      if (offset >= length) return;
      throw Object.assign(new Error('The body was shorter than its length'), { code: 'ShortBody' });
    } catch (error) {
      source = undefined;
      breaks += 1;
      // All is there, and it is not what was stored; or it does not come.
      if (offset >= length || breaks >= attemptsMax) throw bucketFault(error);
    }
  }
}
