/** Index keys as stored: the first 128 bits of SHA-256, too many to collide by chance or by effort worth making. */
import { hash } from 'node:crypto';

/** Codes, units and references of current patients repeat; hashing them again costs more than the memory. */
const CACHED_KEYS_MAX = 20_000;

// Least recently used: a Map iterates in the order of insertion, and a hit is inserted anew.
const cache = new Map<string, string>();

/** The hash as 32 hexadecimal digits, which PostgreSQL reads as a uuid. */
export function hashKey(key: string): string {
  const known = cache.get(key);
  if (known !== undefined) {
    cache.delete(key);
    cache.set(key, known);
    return known;
  }
  const hashed = hash('sha256', key, 'hex').slice(0, 32);
  if (cache.size >= CACHED_KEYS_MAX)
    for (const oldest of cache.keys()) {
      cache.delete(oldest);
      break;
    }
  cache.set(key, hashed);
  return hashed;
}
