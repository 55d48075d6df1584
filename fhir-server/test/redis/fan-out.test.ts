/** Events reach the websockets of both processes by Redis, and by PostgreSQL when that is away. */
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Redis } from 'ioredis';
import { createLogger } from '../../src/platform/logger.ts';
import { connectRedis, type SharedRedis } from '../../src/redis/index.ts';
import { startTestDelivery, type TestDelivery } from '../support/delivery.ts';
import { program, testWith } from '../support/requirement.ts';
import { connect, type TestSocket } from '../support/socket.ts';
import { subscription, topic } from '../support/topic.ts';
import { until } from '../support/until.ts';
import { startTwoProcesses, type TwoProcesses } from './two-processes.ts';

const server = program('redis-server');
let two: TwoProcesses;
let delivery: TestDelivery;
let redis: SharedRedis;
let ears: Redis;
const open: TestSocket[] = [];
/** What goes by Redis. */
const published: string[] = [];

beforeAll(async () => {
  if (server.path === undefined) return;
  // Nobody finds by looking now and then what nobody has told.
  two = await startTwoProcesses(server.path, {
    SUBSCRIPTION_ALLOW_PRIVATE: 'true',
    SUBSCRIPTION_POLL_MS: '600000',
  });
  redis = connectRedis(two.redis.url, `${two.here.baseUrl}/oauth2`, createLogger('test', 'fatal'));
  delivery = await startTestDelivery(two.here, {}, { redis });
  ears = two.client.duplicate();
  ears.on('error', () => undefined);
  ears.on('pmessage', (_pattern, _channel, text: string) => published.push(text));
  await ears.psubscribe('dr-assistant:*');
  expect((await put('Basic/finished', topic())).status).toBe(201);
}, 180_000);
afterAll(async () => {
  for (const { socket } of open) socket.terminate();
  (ears as Redis | undefined)?.disconnect();
  await (delivery as TestDelivery | undefined)?.stop();
  (redis as SharedRedis | undefined)?.close();
  await (two as TwoProcesses | undefined)?.stop();
}, 30_000);

const put = (path: string, body: object) =>
  two.here.fhir('PUT', path, { body: { ...body, id: path.split('/')[1] } });
const finish = (id: string) =>
  put(`Encounter/${id}`, { resourceType: 'Encounter', status: 'finished', class: { code: 'AMB' } });

async function bound(id: string, origin: string): Promise<TestSocket> {
  const answer = await two.here.fhir('GET', `Subscription/${id}/$get-ws-binding-token`);
  const { parameter } = (await answer.json()) as { parameter: { name: string; valueString?: string }[] };
  const client = await connect(origin);
  open.push(client);
  client.socket.send(`bind-with-token: ${parameter.find((p) => p.name === 'token')?.valueString}`);
  await client.hears(1);
  return client;
}

testWith(server)(
  'Each process is told what concerns its clients, whether Redis is there or not.',
  async () => {
    expect((await put('Subscription/s1', subscription(undefined))).status).toBe(201);
    const clients = [
      await bound('s1', two.here.baseUrl),
      await bound('s1', `http://127.0.0.1:${two.there.port}`),
    ];
    const allHear = async (count: number): Promise<void> => {
      for (const client of clients)
        expect((await client.notifications(count))[count - 1]).toMatchObject({
          type: 'event-notification',
          events: [{ number: String(count - 1) }],
        });
    };
    // Two processes and what listens here.
    await until(async () => (await subscribers()) === 3);
    await finish('w1');
    await allHear(2);
    expect(published).toEqual([JSON.stringify(['s1'])]);
    await two.redis.kill();
    await finish('w2');
    await allHear(3);
    expect(published).toHaveLength(1);
    await two.redis.start();
    await until(async () => (await subscribers()) === 3);
    await until(() => redis.isReady());
    await two.client.publish('dr-assistant:nobody:subscription_event', 'not JSON');
    await finish('w3');
    await allHear(4);
    await until(() => published.includes(JSON.stringify(['s1'])) && published.length === 3);
  },
  60_000,
);

/** Of the processes: two for websockets, one that delivers. */
async function subscribers(): Promise<number> {
  const channels = await two.client.pubsub('CHANNELS', 'dr-assistant:*');
  const [, count = 0] = (await two.client.pubsub('NUMSUB', ...(channels as string[]))) as [string?, number?];
  return count;
}
