/** How often something may be tried: counted in Redis where there is one, else in the database or in memory. */
import ipaddr from 'ipaddr.js';
import {
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRedis,
  RateLimiterRes,
  type RateLimiterAbstract,
} from 'rate-limiter-flexible';
import type { Pool } from '../db/index.ts';
import type { SharedRedis } from '../redis/index.ts';
import { secretHash } from './secret-hash.ts';

export interface RateLimit {
  /** Takes one attempt; answers the seconds to wait when there were too many, undefined when it may go on. */
  consume(key: string, points?: number): Promise<number | undefined>;
  /** Takes back one attempt that turned out well. */
  reward(key: string): Promise<void>;
}

export interface RateLimitSettings {
  readonly name: string;
  readonly points: number;
  readonly seconds: number;
  /** `database`: counted for all processes together, also without Redis. `memory`: then for each process. */
  readonly fallback: 'database' | 'memory';
}

export interface RateLimits {
  create(settings: RateLimitSettings): RateLimit;
}

/** Redis may be away: then the fallback counts, so that its loss opens no door and closes none. */
export function createRateLimits(pool: Pool, redis: SharedRedis | undefined): RateLimits {
  return {
    create(settings) {
      const limiter = createLimiter(settings, pool, redis);
      return {
        async consume(key, points = 1) {
          try {
            await limiter.consume(secretHash(key), points);
            return undefined;
          } catch (error) {
            if (error instanceof RateLimiterRes) return Math.max(1, Math.ceil(error.msBeforeNext / 1_000));
            throw error;
          }
        },
        async reward(key) {
          await limiter.reward(secretHash(key));
        },
      };
    },
  };
}

function createLimiter(
  { name, points, seconds, fallback }: RateLimitSettings,
  pool: Pool,
  redis: SharedRedis | undefined,
): RateLimiterAbstract {
  const common = { keyPrefix: `dr-assistant:${name}`, points, duration: seconds };
  const local =
    fallback === 'memory'
      ? new RateLimiterMemory(common)
      : new RateLimiterPostgres({
          ...common,
          storeClient: pool,
          storeType: 'pool',
          schemaName: 'auth',
          tableName: 'rate_limit',
          tableCreated: true,
          clearExpiredByTimeout: false,
        });
  if (redis === undefined) return local;
  return new RateLimiterRedis({
    ...common,
    keyPrefix: `limit:${name}`,
    storeClient: redis.client,
    rejectIfRedisNotReady: true,
    insuranceLimiter: local,
  });
}

/** One subscriber has a whole /64 of IPv6, and may not count as so many. */
export function addressKey(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/64`).toString()}/64`;
}
