/** Names an answer by everything that decides it: stage, provider, version, model, parameters, and the content itself. */
import { createHmac, type Hmac } from 'node:crypto';
import type { Provider } from '../provider.ts';

/** @param secret keeps others from finding out by guessing whether a text was worked on */
export function cacheKey(
  secret: Buffer,
  stage: string,
  provider: Pick<Provider<never, never>, 'name' | 'version' | 'model' | 'parameters'>,
  input: unknown,
): string {
  const hash = createHmac('sha256', secret);
  const { name, version, model, parameters } = provider;
  feed(hash, [stage, name, version, model ?? null, parameters ?? null, input]);
  return hash.digest('base64url');
}

/** Each value with its kind and length, so that different values never read the same; keys in order. */
function feed(hash: Hmac, value: unknown): void {
  if (Buffer.isBuffer(value)) {
    hash.update(`b${value.length}:`).update(value);
  } else if (Array.isArray(value)) {
    hash.update(`a${value.length}:`);
    for (const item of value) feed(hash, item);
  } else if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
      .filter(([, v]) => v !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
    hash.update(`o${entries.length}:`);
    for (const entry of entries) feed(hash, entry);
  } else {
    const text = value === undefined ? 'u' : JSON.stringify(value);
    hash.update(`${typeof value}${Buffer.byteLength(text)}:${text}`);
  }
}
