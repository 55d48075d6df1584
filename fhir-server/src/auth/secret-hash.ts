/** How secrets of high entropy (tokens, codes, client secrets) are kept: never as they are. */
import { hash, timingSafeEqual } from 'node:crypto';

export const secretHash = (secret: string): string => hash('sha256', secret, 'base64url');

export function isSecret(given: string, kept: string): boolean {
  const [a, b] = [Buffer.from(secretHash(given)), Buffer.from(kept)];
  return a.length === b.length && timingSafeEqual(a, b);
}
