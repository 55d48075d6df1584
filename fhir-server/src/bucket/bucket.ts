/** What the server needs of a store of objects. Each call throws BucketFault where the store does not do it. */
import type { Readable } from 'node:stream';

export interface FoundObject {
  readonly key: string;
  readonly size: number;
  readonly modifiedAt: Date;
}

/** Keys are relative to the prefix of the settings. */
export interface Bucket {
  /**
   * Resolves when the whole stream is stored durably under the key; parts are checked by their SHA-256. When the stream
   * fails, nothing is there.
   */
  put(key: string, source: Readable): Promise<void>;
  /** Bytes `start` to `end`, both inclusive, once they begin to arrive; undefined when there is no such object. */
  open(key: string, range?: { start: number; end: number }): Promise<Readable | undefined>;
  /** In bytes; undefined when there is no such object. */
  size(key: string): Promise<number | undefined>;
  /** Also when there is no such object. */
  remove(key: string): Promise<void>;
  /** In the order of the keys, a page at a time; those that come after `after`. */
  list(folder: string, after?: string): AsyncIterable<FoundObject>;
  /** Names of the folders that are directly in this one. */
  folders(folder: string): AsyncIterable<string>;
  /** Ends uploads to this folder that were begun before and never finished; how many. */
  endUploads(folder: string, before: Date): Promise<number>;
  /** A link by which anybody reads the object for so long, as a download of this type. */
  link(key: string, seconds: number, contentType: string): Promise<string>;
  close(): void;
}
