/**
 * Copies of what the database has, for all processes, which are void from the moment that one of them hears of a change.
 *
 * Redis holds the current epoch, a random text. A copy is marked with the epoch that was read before it was loaded, and is
 * good only under that one. Whoever hears of a change sets another epoch, and uses no copy before Redis has that.
 */
import { randomUUID } from 'node:crypto';
import type { CacheName } from './cache-reads.ts';
import type { CacheOptions } from './shared-cache.ts';
import { createSealedTexts, type Kept } from './sealed-text.ts';

export interface SharedCopies {
  /** Undefined where none may be used now: then none may be kept either. */
  find(key: string): Promise<{ readonly copy: Kept | undefined; readonly epoch: string } | undefined>;
  /** @param epoch what `find` answered before the text was loaded */
  keep(key: string, epoch: string, kept: Kept): Promise<void>;
  /** Voids all copies that anybody has made. */
  forget(): void;
}

/** Longer than any copy is good. */
const EPOCH_TTL_MS = 86_400_000;

export function createSharedCopies(name: CacheName, { redis, secret, count }: CacheOptions): SharedCopies {
  const texts = createSealedTexts(secret);
  const epochPlace = `${name}:epoch`;
  // What was made before this process listened may be of before a change that nobody heard.
  let isRenewed = false;
  let changes = 0;
  let renewing: Promise<void> | undefined;

  async function renew(): Promise<void> {
    const before = changes;
    const answer = await redis.ask((client) => client.set(epochPlace, randomUUID(), 'PX', EPOCH_TTL_MS));
    // Another change may have come meanwhile, whose epoch is still to be set.
    if (answer === 'OK' && before === changes) isRenewed = true;
  }

  async function isUsable(): Promise<boolean> {
    if (!isRenewed) await (renewing ??= renew().finally(() => (renewing = undefined)));
    return isRenewed;
  }

  return {
    async find(key) {
      const place = `${name}:${key}`;
      if (!(await isUsable())) return void count(name, 'away');
      const before = changes;
      const answer = await redis.ask((client) => client.mgetBuffer(epochPlace, place));
      if (answer === undefined || before !== changes) return void count(name, 'away');
      const [given, sealed] = answer;
      const epoch = given?.toString();
      if (epoch === undefined) {
        isRenewed = false;
        return void count(name, 'away');
      }
      const marked = texts.open(place, sealed);
      const isOfNow = marked?.text.startsWith(`${epoch} `) === true;
      count(name, isOfNow ? 'hit' : 'miss');
      const copy = isOfNow ? { text: marked.text.slice(epoch.length + 1), until: marked.until } : undefined;
      return { copy, epoch };
    },
    async keep(key, epoch, { text, until }) {
      const ttlMs = Math.ceil(until - Date.now());
      if (ttlMs < 1 || !isRenewed) return;
      const place = `${name}:${key}`;
      const sealed = texts.seal(place, { text: `${epoch} ${text}`, until });
      await redis.ask((client) => client.set(place, sealed, 'PX', ttlMs));
    },
    forget() {
      changes += 1;
      isRenewed = false;
      void isUsable();
    },
  };
}
