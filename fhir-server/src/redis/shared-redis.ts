/** The Redis that processes share. Nothing needs it: whoever asks goes on without it while it is away or slow. */
import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import type { Logger } from '../platform/logger.ts';
import { BOUNDED, BoundedRedis } from './bounded-redis.ts';

export interface SharedRedis {
  /** For libraries: each of its commands may fail at any time. */
  readonly client: Redis;
  isReady(): boolean;
  /** Undefined where no answer came. */
  ask<T>(command: (client: Redis) => Promise<T>): Promise<T | undefined>;
  /** Answers how many connections it reached; 0 where Redis is away. */
  publish(channel: string, text: string): Promise<number>;
  /** `heard` is called for each text, and with undefined when some may have been missed. Answers what ends it. */
  subscribe(channel: string, heard: (text: string | undefined) => void): () => void;
  close(): void;
}

/**
 * Does not wait for the connection.
 * @param installation whose processes share: servers with another base URL may use the same Redis
 */
export function connectRedis(url: string, installation: string, logger: Logger): SharedRedis {
  const name = createHash('sha256').update(installation).digest('hex').slice(0, 12);
  const keyPrefix = `dr-assistant:${name}:`;
  const client = new BoundedRedis(url, { ...BOUNDED, keyPrefix });
  tellOfLoss(client, logger);
  const subscribers = new Set<Redis>();
  const ask: SharedRedis['ask'] = (command) => command(client).catch(() => undefined);
  return {
    client,
    isReady: () => client.status === 'ready' && Date.now() >= client.restUntil,
    ask,
    publish: async (channel, text) => (await ask((redis) => redis.publish(keyPrefix + channel, text))) ?? 0,
    subscribe(channel, heard) {
      // A connection that subscribes can do nothing else. Its command has no limit of time: what is missed is heard of.
      const { commandTimeout: _, ...options } = BOUNDED;
      const subscriber = new Redis(url, { ...options, autoResubscribe: false });
      subscribers.add(subscriber);
      subscriber.on('error', () => undefined);
      subscriber.on('message', (_channel, text) => heard(text));
      subscriber.on('ready', () => {
        subscriber.subscribe(keyPrefix + channel).then(
          () => heard(undefined),
          () => subscriber.disconnect(true),
        );
      });
      return () => {
        subscribers.delete(subscriber);
        subscriber.disconnect();
      };
    },
    close() {
      for (const connection of [client, ...subscribers]) connection.disconnect();
    },
  };
}

/** Once for each time that it goes, not for each attempt to reach it; the text of an error may hold the address. */
function tellOfLoss(client: Redis, logger: Logger): void {
  let isAway = false;
  client.on('error', (error: Error) => {
    if (!isAway) logger.warn({ err: error.name }, 'Redis is away: each process goes on by itself');
    isAway = true;
  });
  client.on('ready', () => {
    if (isAway) logger.info('Redis is there again');
    isAway = false;
  });
}
