/** Moves the content of Binaries from a folder into a bucket, one by one, each checked before it goes from the folder. */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Bucket } from '../bucket/index.ts';
import { FOLDER } from './binary-bucket.ts';
import { measured, type BinaryStore, type Measure } from './binary-store.ts';
import { ContentDamaged } from './verify-content.ts';

export interface MovedContent {
  readonly key: string;
  readonly size: number;
  /** `there`: the bucket had it, from a run that was broken off. `damaged`: no longer what was written, and still in the folder. */
  readonly state: 'moved' | 'there' | 'damaged';
}

/**
 * Yields each content once it is in the bucket, read back from there as it was, and gone from the folder. A run that was
 * broken off goes on where it was. Servers may run meanwhile, with the bucket in their settings: they look into the folder
 * first. Throws ContentDamaged where the bucket gives back something else; the folder keeps it then.
 * @param sha256Of what the content had when it was written, where that is known
 */
export async function* moveContent(
  folder: BinaryStore,
  bucket: Bucket,
  sha256Of: (key: string) => Promise<Buffer | undefined>,
): AsyncGenerator<MovedContent> {
  for await (const { key } of folder.list()) {
    const object = `${FOLDER}/${key}`;
    const measure = await digest(await folder.open(key));
    if (measure === undefined) continue;
    const written = await sha256Of(key);
    let state: MovedContent['state'] = 'there';
    if (written !== undefined && !written.equals(measure.sha256)) state = 'damaged';
    else if (!isSame(measure, await digest(await bucket.open(object)))) {
      await send(folder, bucket, key, object);
      if (!isSame(measure, await digest(await bucket.open(object)))) throw new ContentDamaged();
      state = 'moved';
    }
    if (state !== 'damaged') await folder.remove(key);
    yield { key, size: measure.size, state };
  }
}

async function send(folder: BinaryStore, bucket: Bucket, key: string, object: string): Promise<void> {
  const source = await folder.open(key);
  if (source === undefined) return;
  try {
    await measured(source, Infinity, (content) => bucket.put(object, content));
  } finally {
    source.destroy();
  }
}

const isSame = (a: Measure, b: Measure | undefined): boolean =>
  b !== undefined && a.size === b.size && a.sha256.equals(b.sha256);

async function digest(stream: Readable | undefined): Promise<Measure | undefined> {
  if (stream === undefined) return undefined;
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { size, sha256: hash.digest() };
}
