/** Content of Binary resources in a bucket. What lies in the folder of a server that had no bucket is read from there. */
import type { Bucket } from '../bucket/index.ts';
import { type BinaryStore, measured } from './binary-store.ts';

export const FOLDER = 'binary';

const objectOf = (key: string): string => `${FOLDER}/${key}`;

/** `former` is asked first: a look at a local folder costs next to nothing. Nothing is written to it. */
export function createBinaryBucket(bucket: Bucket, former: BinaryStore): BinaryStore {
  return {
    write: (key, source, maxBytes) =>
      measured(source, maxBytes, (content) => bucket.put(objectOf(key), content)),
    async size(key) {
      return (await former.size(key)) ?? bucket.size(objectOf(key));
    },
    async open(key, range) {
      return (await former.open(key, range)) ?? bucket.open(objectOf(key), range);
    },
    async remove(key) {
      await former.remove(key);
      await bucket.remove(objectOf(key));
    },
    async *list() {
      for await (const { key, modifiedAt } of bucket.list(FOLDER))
        yield { key: key.slice(FOLDER.length + 1), modifiedAt };
      yield* former.list();
    },
    async endWrites(before) {
      return (await bucket.endUploads(FOLDER, before)) + (await former.endWrites(before));
    },
    async link(key, seconds, contentType) {
      if ((await former.size(key)) !== undefined) return undefined;
      return bucket.link(objectOf(key), seconds, contentType);
    },
  };
}
