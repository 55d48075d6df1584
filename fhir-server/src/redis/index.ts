/** Redis, where there is one: what processes share so as not to do it twice. What must not be lost is in PostgreSQL. */
export { createCacheReads, type CountRead } from './cache-reads.ts';
export { createSharedCache, type SharedCache } from './shared-cache.ts';
export { createSharedCopies, type SharedCopies } from './shared-copies.ts';
export { connectRedis, type SharedRedis } from './shared-redis.ts';
