/** Attempts are counted in Redis for all processes; when it goes nothing is let through uncounted, and nobody is shut out. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { createRateLimits, type RateLimits } from '../../src/auth/rate-limit.ts';
import { secretHash } from '../../src/auth/secret-hash.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { connectRedis } from '../../src/redis/index.ts';
import { program, testWith } from '../support/requirement.ts';
import { until } from '../support/until.ts';
import { startTwoProcesses, type TwoProcesses } from './two-processes.ts';

const server = program('redis-server');
let two: TwoProcesses;

beforeAll(async () => {
  if (server.path === undefined) return;
  two = await startTwoProcesses(server.path, { UNAUTHORIZED_PER_MINUTE: '20', TRUSTED_PROXIES: '1' });
}, 180_000);
afterAll(async () => {
  await (two as TwoProcesses | undefined)?.stop();
}, 30_000);

const guess = async (which: 'here' | 'there', address: string): Promise<number> =>
  (await two.ask(which, 'Patient', 'a guess', { 'X-Forwarded-For': address })).status;

/** Guesses until one is refused, first at one process, then at the other. */
async function accepted(address: string): Promise<number> {
  for (let n = 0; n < 15; n += 1) expect(await guess('here', address)).toBe(401);
  for (let n = 15; ; n += 1) if ((await guess('there', address)) === 429) return n;
}

testWith(server)('Two processes count the guesses of an address together.', async () => {
  await until(async () => {
    const address = `203.0.113.${Math.floor(Math.random() * 256)}`;
    await guess('there', address);
    return (await two.client.keys(`dr-assistant:*:limit:*${secretHash(address)}`)).length === 1;
  });
  expect(await accepted('198.51.100.1')).toBe(20);
  expect(await guess('here', '198.51.100.1')).toBe(429);
});

testWith(server)('Each counts by itself while Redis hangs or is away, and nobody is shut out.', async () => {
  await two.redis.whileHanging(async () => {
    expect(await accepted('198.51.100.2')).toBe(35);
  });
  await two.redis.kill();
  expect(await accepted('198.51.100.3')).toBe(35);
  await two.redis.start();
});

testWith(server)(
  'What is counted in the database otherwise, such as log-ins, is counted there for all when Redis goes.',
  async () => {
    const connect = () => connectRedis(two.redis.url, 'test', createLogger('test', 'fatal'));
    const [first, second] = [connect(), connect()];
    const [one, other] = [createRateLimits(two.pool, first), createRateLimits(two.pool, second)];
    try {
      await Promise.all([untilInRedis(one), untilInRedis(other)]);
      const [a, b] = await Promise.all([passed(one, 'key', 6), passed(other, 'key', 6)]);
      expect(a + b).toBe(5);
      await two.redis.kill();
      const [c, d] = await Promise.all([passed(one, 'key', 6), passed(other, 'key', 6)]);
      expect(c + d).toBe(5);
      expect(await passed(one, 'key', 3)).toBe(0);
      await two.redis.start();
      await untilInRedis(one);
    } finally {
      first.close();
      second.close();
    }
  },
  30_000,
);

/** How many of these attempts are let through. */
async function passed(limits: RateLimits, key: string, attempts: number): Promise<number> {
  const limit = limits.create({ name: 'shared', points: 5, seconds: 600, fallback: 'database' });
  const waits = await Promise.all(Array.from({ length: attempts }, () => limit.consume(key)));
  return waits.filter((wait) => wait === undefined).length;
}

/** Resolves when an attempt leaves no trace in the database. */
async function untilInRedis(limits: RateLimits): Promise<void> {
  await until(async () => {
    const key = randomUUID();
    await passed(limits, key, 1);
    const { rows } = await two.pool.query('select from auth.rate_limit where key like $1', [
      `%:${secretHash(key)}`,
    ]);
    if (rows.length > 0) await sleep(20);
    return rows.length === 0;
  });
}
