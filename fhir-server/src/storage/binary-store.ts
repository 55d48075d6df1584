/** Where the content of Binary resources lies: what each kind of store does. https://hl7.org/fhir/R4/binary.html */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';

export class BinaryTooLarge extends Error {}

/** What was to be stored ended before its end: the client is gone. */
export class SourceBroken extends Error {}

/** What arrived, by which a read can tell whether it is still the same. */
export interface Measure {
  readonly size: number;
  readonly sha256: Buffer;
}

/** An object or a file in the store. */
export interface StoredObject {
  readonly key: string;
  readonly modifiedAt: Date;
}

/** Keys are those that binary-content.ts makes, each written once. */
export interface BinaryStore {
  /**
   * Stores the stream durably before it resolves. Throws BinaryTooLarge when it is longer than `maxBytes`, SourceBroken
   * when it breaks off; nothing is there then.
   */
  write(key: string, source: Readable, maxBytes: number): Promise<Measure>;
  /** Size in bytes, or undefined when there is no such content. */
  size(key: string): Promise<number | undefined>;
  /** Bytes `start` to `end`, both inclusive; undefined when there is no such content. */
  open(key: string, range?: { start: number; end: number }): Promise<Readable | undefined>;
  /** Also what is there of an unfinished write. */
  remove(key: string): Promise<void>;
  /** In the order of the keys, or at least always in the same one. */
  list(): AsyncIterable<StoredObject>;
  /** Removes what is left of writes that were begun before and never finished, where `remove` does not; how many. */
  endWrites(before: Date): Promise<number>;
  /** A link by which anybody reads the content for so long; undefined where this store gives none. */
  link?(key: string, seconds: number, contentType: string): Promise<string | undefined>;
}

/**
 * Gives `store` what the source has, and measures it. Throws BinaryTooLarge, SourceBroken, or as `store` does. The source is
 * not destroyed: a client whose content is refused can still be told why.
 */
export async function measured(
  source: Readable,
  maxBytes: number,
  store: (content: Readable) => Promise<void>,
): Promise<Measure> {
  const hash = createHash('sha256');
  let size = 0;
  let refusal: unknown;
  async function* pieces(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > maxBytes) throw new BinaryTooLarge();
        hash.update(chunk);
        yield chunk;
      }
    } catch (error) {
      refusal = error instanceof BinaryTooLarge ? error : new SourceBroken();
      throw refusal;
    }
  }
  const content = Readable.from(pieces(), { objectMode: false });
  try {
    await store(content);
  } catch (error) {
    content.destroy();
    throw refusal ?? error;
  }
  return { size, sha256: hash.digest() };
}
