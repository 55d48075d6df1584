/** What one process has found out and the others need not: kept in Redis for a while. */
import type { CacheName, CountRead } from './cache-reads.ts';
import { createSealedTexts, type Kept } from './sealed-text.ts';
import type { SharedRedis } from './shared-redis.ts';

export interface SharedCache {
  /** Undefined where there is nothing, or Redis is away. Never fails. */
  get(key: string): Promise<Kept | undefined>;
  /** Never fails. */
  set(key: string, kept: Kept): Promise<void>;
}

export interface CacheOptions {
  readonly redis: SharedRedis;
  /** The same for all processes. */
  readonly secret: string;
  readonly count: CountRead;
}

export function createSharedCache(name: CacheName, { redis, secret, count }: CacheOptions): SharedCache {
  const texts = createSealedTexts(secret);
  return {
    async get(key) {
      const place = `${name}:${key}`;
      const sealed = await redis.ask((client) => client.getBuffer(place));
      const kept = texts.open(place, sealed);
      count(name, sealed === undefined ? 'away' : kept === undefined ? 'miss' : 'hit');
      return kept;
    },
    async set(key, kept) {
      const ttlMs = Math.ceil(kept.until - Date.now());
      if (ttlMs < 1 || !redis.isReady()) return;
      const place = `${name}:${key}`;
      const sealed = texts.seal(place, kept);
      await redis.ask((client) => client.set(place, sealed, 'PX', ttlMs));
    },
  };
}
