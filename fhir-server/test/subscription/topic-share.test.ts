/** Whom an endpoint that takes nothing keeps waiting, among Subscriptions by topic: a worker with two places. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startTestDelivery, type TestDelivery } from '../support/delivery.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { notificationOf, subscription, topic } from '../support/topic.ts';

let server: TestServer;
let delivery: TestDelivery;
let origin: string;
let hanging = 0;
let received: { readonly path: string; readonly type: string | undefined }[] = [];
/** What becomes of a request: a status, or nothing for as long as the client waits. */
let answer = (_path: string, _earlier: number): number | undefined => 200;

const endpoint = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const path = request.url ?? '';
    const status = answer(path, countOf(path));
    received.push({ path, type: notificationOf(Buffer.concat(chunks).toString('utf8')).type });
    if (status !== undefined) return response.writeHead(status).end();
    hanging += 1;
    response.on('close', () => (hanging -= 1));
    return undefined;
  });
});

beforeAll(async () => {
  server = await startTestServer({ SUBSCRIPTION_ALLOW_PRIVATE: 'true' });
  const env = { SUBSCRIPTION_CONCURRENCY: '2', SUBSCRIPTION_RETRY_DELAY_MS: '20' };
  delivery = await startTestDelivery(server, env);
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}`;
  expect((await put('Basic/finished', topic())).status).toBe(201);
}, 60_000);
afterAll(async () => {
  endpoint.closeAllConnections();
  endpoint.close();
  await delivery.stop();
  await server.close();
});
beforeEach(async () => {
  for (const id of ['slow1', 'slow2', 'fast']) await server.fhir('DELETE', `Subscription/${id}`);
  endpoint.closeAllConnections();
  received = [];
});

const countOf = (path: string): number => received.filter((r) => r.path === path).length;
const put = (path: string, body: object) =>
  server.fhir('PUT', path, { body: { ...body, id: path.split('/')[1] } });
const subscribe = async (id: string): Promise<void> => {
  const response = await put(`Subscription/${id}`, subscription(`${origin}/${id}`, { id }));
  expect([response.status, await response.text()]).toEqual([201, expect.any(String)]);
};
const finish = async (id: string): Promise<void> => {
  const body = { resourceType: 'Encounter', id, status: 'finished', class: { code: 'AMB' } };
  expect((await put(`Encounter/${id}`, body)).status).toBe(201);
};

/** Far less than an endpoint may take to answer. */
async function soon(what: () => boolean): Promise<void> {
  for (let i = 0; i < 250; i += 1) {
    if (what()) return;
    await sleep(20);
  }
  throw new Error(`it did not happen within 5 s: ${JSON.stringify(received)}`);
}

async function tellsFast(name: string): Promise<void> {
  for (let i = 0; i < 3; i += 1) {
    const before = countOf('/fast');
    await finish(`${name}${i}`);
    await soon(() => countOf('/fast') > before);
  }
}

test('One that takes nothing has one place, however much waits for it.', async () => {
  answer = (path, earlier) => (path === '/slow1' && earlier > 0 ? undefined : 200);
  await subscribe('slow1');
  await soon(() => countOf('/slow1') === 1);
  await finish('first');
  await soon(() => countOf('/slow1') === 2);
  await subscribe('fast');
  await soon(() => countOf('/fast') === 1);
  await tellsFast('one');
  expect(countOf('/slow1')).toBe(2);
});

test('Several of which the last attempt failed leave places for those that take what they are sent.', async () => {
  answer = (path, earlier) => (path === '/fast' || earlier === 0 ? 200 : earlier === 1 ? 500 : undefined);
  for (const id of ['fast', 'slow1', 'slow2']) {
    await subscribe(id);
    await soon(() => countOf(`/${id}`) === 1);
  }
  await finish('second');
  await soon(() => hanging === 1 && countOf('/slow1') > 1 && countOf('/slow2') > 1);
  await sleep(300);
  await tellsFast('several');
  expect(hanging).toBe(1);
});

test('Several that take no handshake do so as well, and none of them is forgotten.', async () => {
  answer = (path) => (path === '/fast' ? 200 : undefined);
  await subscribe('fast');
  await soon(() => countOf('/fast') === 1);
  await subscribe('slow1');
  await subscribe('slow2');
  await soon(() => hanging === 1);
  await sleep(300);
  await tellsFast('handshake');
  expect(hanging).toBe(1);
  answer = () => 200;
  endpoint.closeAllConnections();
  await soon(() => countOf('/slow1') > 0 && countOf('/slow2') > 0);
});
