/** Removes content that no version has: of writes that were rolled back, or whose process ended. */
import type { Pool } from '../db/index.ts';
import {
  type AnnouncedContent,
  doomContent,
  doomOldContent,
  forgetContent,
  unknownKeys,
} from './binary-content.ts';
import type { BinaryStore } from './binary-store.ts';

const AT_ONCE = 100;
const KEYS_AT_ONCE = 500;

export interface BinaryPlaces {
  readonly pool: Pool;
  readonly store: BinaryStore;
}

/**
 * After a write that failed. Where its version may have been committed all the same, the content stays; what cannot be
 * removed now is removed by a worker.
 */
export async function abandonContent(
  { pool, store }: BinaryPlaces,
  content: AnnouncedContent,
): Promise<void> {
  try {
    if (await doomContent(pool, content)) await removeContent({ pool, store }, content);
  } catch {
    // The database or the store is away, which the caller's own error says.
  }
}

/** Content whose version did not come in that time, and what unfinished writes left; how many. */
export async function removeLeftBehind(
  { pool, store }: BinaryPlaces,
  olderThanMs: number,
  signal: AbortSignal,
): Promise<{ contents: number; writes: number }> {
  let contents = 0;
  while (!signal.aborted) {
    const doomed = await doomOldContent(pool, olderThanMs, AT_ONCE);
    for (const content of doomed) await removeContent({ pool, store }, content);
    contents += doomed.length;
    if (doomed.length < AT_ONCE) break;
  }
  if (signal.aborted) return { contents, writes: 0 };
  return { contents, writes: await store.endWrites(new Date(Date.now() - olderThanMs)) };
}

async function removeContent({ pool, store }: BinaryPlaces, content: AnnouncedContent): Promise<void> {
  await store.remove(content.key);
  await forgetContent(pool, content);
}

/**
 * Content in the store that the database does not know, oldest keys first; the tables of Binary must be there. This goes through
 * all of the store.
 */
export async function* findStrays(
  { pool, store }: BinaryPlaces,
  olderThanMs: number,
): AsyncGenerator<string> {
  const before = new Date(Date.now() - olderThanMs);
  let keys: string[] = [];
  for await (const { key, modifiedAt } of store.list()) {
    if (modifiedAt >= before) continue;
    keys.push(key);
    if (keys.length < KEYS_AT_ONCE) continue;
    yield* await unknownKeys(pool, keys);
    keys = [];
  }
  if (keys.length > 0) yield* await unknownKeys(pool, keys);
}
