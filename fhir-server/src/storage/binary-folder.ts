/** Content of Binary resources in a local folder, streamed both ways. https://hl7.org/fhir/R4/binary.html */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export class BinaryTooLarge extends Error {}

export interface BinaryFolder {
  /** Stores the stream durably before it resolves. Throws BinaryTooLarge when it is longer than `maxBytes`. */
  write(id: string, versionId: number, source: Readable, maxBytes: number): Promise<{ size: number }>;
  /** Size in bytes, or undefined when there is no such content. */
  size(id: string, versionId: number): Promise<number | undefined>;
  /** Bytes `start` to `end`, both inclusive. */
  read(id: string, versionId: number, range?: { start: number; end: number }): Readable;
  remove(id: string, versionId: number): Promise<void>;
}

export function createBinaryFolder(folder: string): BinaryFolder {
  // Ids are FHIR ids (letters, digits, hyphen, dot), but `..` is one too: the prefix keeps it a plain name.
  const path = (id: string, versionId: number): string =>
    join(folder, `b${id.slice(0, 2).toLowerCase()}`, `b${id}-${versionId}`);
  return {
    async write(id, versionId, source, maxBytes) {
      const target = path(id, versionId);
      const draft = `${target}.part`;
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      let size = 0;
      const limit = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          size += chunk.length;
          done(size > maxBytes ? new BinaryTooLarge() : null, chunk);
        },
      });
      try {
        await pipeline(source, limit, createWriteStream(draft, { mode: 0o600, flush: true }));
        await rename(draft, target);
        await syncFolder(dirname(target));
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
      return { size };
    },
    async size(id, versionId) {
      return stat(path(id, versionId)).then(
        (s) => s.size,
        () => undefined,
      );
    },
    read: (id, versionId, range) => createReadStream(path(id, versionId), range ?? {}),
    remove: (id, versionId) => rm(path(id, versionId), { force: true }),
  };
}

/** A renamed file survives a power cut only when its folder's entry is on disk as well. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
