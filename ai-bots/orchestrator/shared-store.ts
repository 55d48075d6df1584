/** Redis as the processes of the bots share it. Nothing here throws: its loss means to go on without. */
import { Redis } from 'ioredis';

export interface SharedStore {
  /** Undefined when there is nothing, or no Redis just now. */
  get(key: string): Promise<Buffer | undefined>;
  set(key: string, value: Buffer, ttlMs: number): Promise<void>;
  /** Adds to a whole number; answers the sum, undefined when it did not get there. */
  add(key: string, by: number, ttlMs: number): Promise<number | undefined>;
  number(key: string): Promise<number | undefined>;
  close(): void;
}

export interface StoreLog {
  warn(details: object, message: string): void;
  info(details: object, message: string): void;
}

const COMMAND_TIMEOUT_MS = 1_000;
const RECONNECT_MAX_MS = 5_000;
const PREFIX = 'dr-assistant:ai:';

export function connectRedis(url: string, log: StoreLog): SharedStore {
  const redis = new Redis(url, {
    keyPrefix: PREFIX,
    // Without a connection commands fail at once instead of waiting for one.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: COMMAND_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    retryStrategy: (times) => Math.min(100 * 2 ** Math.min(times, 10), RECONNECT_MAX_MS),
  });
  let isLost = false;
  // One line per loss and return, not one per attempt; the error's text may hold the address and is left out.
  redis.on('error', () => {
    if (!isLost) log.warn({}, 'redis is not reachable; going on without it');
    isLost = true;
  });
  redis.on('ready', () => {
    if (isLost) log.info({}, 'redis is there again');
    isLost = false;
  });
  const orUndefined = <T>(answer: Promise<T>): Promise<T | undefined> => answer.catch(() => undefined);
  return {
    get: async (key) => (await orUndefined(redis.getBuffer(key))) ?? undefined,
    async set(key, value, ttlMs) {
      await orUndefined(redis.set(key, value, 'PX', ttlMs));
    },
    async add(key, by, ttlMs) {
      const sum = await orUndefined(redis.incrby(key, by));
      if (sum !== undefined) await orUndefined(redis.pexpire(key, ttlMs));
      return sum;
    },
    async number(key) {
      const text = await orUndefined(redis.get(key));
      return text === undefined ? undefined : Number(text ?? 0);
    },
    close: () => redis.disconnect(),
  };
}
