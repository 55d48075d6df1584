/** Index keys as stored: the first 128 bits of SHA-256, too many to collide by chance or by effort worth making. */
import { hash } from 'node:crypto';

/** Codes, units and references of current patients repeat; hashing them again costs more than the memory. */
const GENERATION_MAX = 20_000;

// Two generations instead of an order of use, which would cost more than it saves: what is still looked for moves on.
let young = new Map<string, string>();
let old = new Map<string, string>();

/** The hash as 32 hexadecimal digits, which PostgreSQL reads as a uuid. */
export function hashKey(key: string): string {
  const known = young.get(key);
  if (known !== undefined) return known;
  const hashed = old.get(key) ?? hash('sha256', key, 'hex').slice(0, 32);
  if (young.size >= GENERATION_MAX) {
    old = young;
    young = new Map();
  }
  young.set(key, hashed);
  return hashed;
}
