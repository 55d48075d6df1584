/** Answers that were given before: in memory, and sealed in Redis where the operator has set a secret for it. */
import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Provider } from '../provider.ts';
import type { SharedStore } from '../shared-store.ts';
import { cacheKey } from './key.ts';
import { deriveKey, seal, unseal } from './seal.ts';

export interface AnswerCache {
  key(
    stage: string,
    provider: Pick<Provider<never, never>, 'name' | 'version' | 'model' | 'parameters'>,
    input: unknown,
  ): string;
  get(key: string): Promise<unknown>;
  /** Resolves at once; outputs must be JSON. */
  set(key: string, output: unknown): void;
}

export interface CacheSettings {
  /** 0: nothing is kept. */
  readonly bytesMax: number;
  readonly ttlMs: number;
  /** Without one nothing leaves this process. */
  readonly secret?: string;
}

export function createCache(
  settings: CacheSettings,
  store: SharedStore | undefined,
): AnswerCache | undefined {
  if (settings.bytesMax === 0) return undefined;
  const memory = new LRUCache<string, Buffer>({
    maxSize: settings.bytesMax,
    sizeCalculation: (value, key) => value.length + key.length,
    ttl: settings.ttlMs,
  });
  const { secret } = settings;
  const nameKey = secret === undefined ? randomBytes(32) : deriveKey(secret, 'cache names');
  const sealKey = secret === undefined ? undefined : deriveKey(secret, 'cache content');
  const shared = sealKey === undefined ? undefined : store;

  async function getShared(key: string): Promise<Buffer | undefined> {
    const sealed = await shared?.get(`answer:${key}`);
    const plain = sealed === undefined || sealKey === undefined ? undefined : unseal(sealKey, key, sealed);
    if (plain !== undefined) memory.set(key, plain);
    return plain;
  }
  return {
    key: (stage, provider, input) => cacheKey(nameKey, stage, provider, input),
    async get(key) {
      const bytes = memory.get(key) ?? (await getShared(key));
      return bytes === undefined ? undefined : (JSON.parse(bytes.toString('utf8')) as unknown);
    },
    set(key, output) {
      const bytes = Buffer.from(JSON.stringify(output));
      memory.set(key, bytes);
      if (sealKey !== undefined) void shared?.set(`answer:${key}`, seal(sealKey, key, bytes), settings.ttlMs);
    },
  };
}
