/** What operators are told of Subscriptions by topic: by the metrics of the worker, and by the command line. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Registry } from '../../src/platform/metrics.ts';
import { commandLine } from '../support/command-line.ts';
import { startTestDelivery, startTestEndpoint, type TestDelivery, type TestEndpoint } from '../support/delivery.ts'; // prettier-ignore
import { startTestServer, type TestServer } from '../support/server.ts';
import { subscription, topic } from '../support/topic.ts';

let server: TestServer;
let delivery: TestDelivery;
let endpoint: TestEndpoint;
const metrics = new Registry();

beforeAll(async () => {
  server = await startTestServer({ SUBSCRIPTION_ALLOW_PRIVATE: 'true' });
  const env = { SUBSCRIPTION_RETRY_DELAY_MS: '20', SUBSCRIPTION_ATTEMPTS_MAX: '2' };
  delivery = await startTestDelivery(server, env, { metrics });
  endpoint = await startTestEndpoint();
  expect((await put('Basic/finished', topic())).status).toBe(201);
}, 60_000);
afterAll(async () => {
  await delivery.stop();
  endpoint.close();
  await server.close();
});
beforeEach(async () => {
  await server.fhir('DELETE', 'Subscription/s1');
  await delivery.settled();
  [delivery.givenUp.length, endpoint.received.length] = [0, 0];
  metrics.resetMetrics();
  expect((await put('Subscription/s1', subscription(endpoint.url))).status).toBeLessThan(300);
  for (let i = 0; i < 250 && (await status()) !== 'active'; i += 1) await sleep(20);
});

const put = (path: string, body: object) =>
  server.fhir('PUT', path, { body: { ...body, id: path.split('/')[1] } });
const status = async () =>
  ((await (await server.fhir('GET', 'Subscription/s1')).json()) as { status: string }).status;
const finish = async (id: string): Promise<void> => {
  const body = { resourceType: 'Encounter', id, status: 'finished', class: { code: 'AMB' } };
  expect((await put(`Encounter/${id}`, body)).status).toBe(201);
};
const list = async (): Promise<string> =>
  (await commandLine({ DATABASE_URL: server.databaseUrl }).run(['subscription', 'list'])).told;

/** Figures of the database are looked up at most once a second. */
async function figure(name: string): Promise<string | undefined> {
  await sleep(1_100);
  return (await metrics.metrics())
    .split('\n')
    .find((line) => line.startsWith(`${name} `))
    ?.split(' ')[1];
}

test('Attempts are told by what became of them, and the lag of each event that was taken.', async () => {
  endpoint.answers.push(500);
  await finish('taken');
  await delivery.settled();
  const told = await metrics.metrics();
  // The handshake is one of them, and has no lag.
  expect(told).toContain('fhir_notification_attempts_total{by="topic",outcome="delivered"} 2');
  expect(told).toContain('fhir_notification_attempts_total{by="topic",outcome="retried"} 1');
  expect(told).toContain('fhir_notification_lag_seconds_count{by="topic"} 1');
  expect(Number(await figure('fhir_notification_lag_seconds_sum{by="topic"}'))).toBeGreaterThan(0.01);
  expect(await list()).toBe(
    'Everything is delivered.\nSubscription/s1 by topic, active: 0 of 1 events wait\n',
  );
}, 30_000);

test('What was given up waits with the reason, for the metrics and for the command line.', async () => {
  endpoint.answers.push(500, 503);
  await finish('lost');
  for (let i = 0; i < 250 && delivery.givenUp.length === 0; i += 1) await sleep(20);
  expect(await figure('fhir_deliveries_failed{subscription="s1"}')).toBe('1');
  expect(await metrics.metrics()).toContain('attempts_total{by="topic",outcome="failed"} 1');
  expect(await list()).toMatch(
    /^Subscription\/s1 by topic, active: 1 of 1 events wait, the oldest for \d+ s; last: Gave up after 2 attempts: the endpoint answered 503\./,
  );
}, 30_000);

test('By websocket nothing waits.', async () => {
  await put('Subscription/s1', subscription(undefined));
  await finish('socket');
  await delivery.settled();
  expect(await figure('fhir_deliveries_pending{subscription="s1"}')).toBeUndefined();
  expect(await list()).toBe('Everything is delivered.\nSubscription/s1 by topic, requested: 1 events, by websocket\n'); // prettier-ignore
}, 30_000);
