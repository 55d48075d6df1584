/** /admin/subscriptions: what waits or was given up, and how it is sent again. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startAdministration, type Administration } from '../support/admin.ts';
import { startTestDelivery, type TestDelivery } from '../support/delivery.ts';

let admin: Administration;
let delivery: TestDelivery;
let answer = 500;
let received = 0;
const endpoint = createServer((request, response) => {
  received += 1;
  request.resume().on('end', () => response.writeHead(answer).end());
});

beforeAll(async () => {
  await new Promise<void>((listening) => endpoint.listen(0, '127.0.0.1', listening));
  admin = await startAdministration({ SUBSCRIPTION_ALLOW_PRIVATE: 'true' });
  delivery = await startTestDelivery(admin.server, { SUBSCRIPTION_ATTEMPTS_MAX: '1' });
}, 60_000);

afterAll(async () => {
  await delivery.stop();
  await admin.close();
  endpoint.closeAllConnections();
  endpoint.close();
});

test('What was given up is counted with its reason, and replayed on request.', async () => {
  const subscription = {
    resourceType: 'Subscription',
    id: 'hook',
    status: 'requested',
    reason: 'test',
    criteria: 'Patient?',
    channel: {
      type: 'rest-hook',
      endpoint: `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/`,
      payload: 'application/fhir+json',
    },
  };
  expect((await admin.server.fhir('PUT', 'Subscription/hook', { body: subscription })).status).toBe(201);
  await admin.server.fhir('PUT', 'Patient/p9', { body: { resourceType: 'Patient', id: 'p9' } });
  await delivery.settled();
  expect((await admin.asBoss('GET', '/subscriptions')).body).toEqual({
    subscriptions: [
      { subscriptionId: 'hook', pending: 0, failed: 1, lagMs: 0, lastError: expect.stringContaining('500') },
    ],
  });
  [answer, received] = [200, 0];
  const replayed = await admin.asBoss('POST', '/subscriptions/hook/replay');
  expect([replayed.status, replayed.body]).toEqual([200, { replayed: 1 }]);
  await delivery.settled();
  expect(received).toBe(1);
  expect((await admin.asBoss('GET', '/subscriptions')).body).toEqual({ subscriptions: [] });
  const again = await admin.asBoss('POST', '/subscriptions/hook/replay?since=2020-01-01T00:00:00Z');
  expect(again.body).toEqual({ replayed: 1 });
  await delivery.settled();
  expect(received).toBe(2);
});

test('A replay of nothing, and since something that is no instant, are refused.', async () => {
  expect((await admin.asBoss('POST', '/subscriptions/none/replay')).status).toBe(404);
  expect((await admin.asBoss('POST', '/subscriptions/hook/replay?since=yesterday')).status).toBe(400);
  expect((await admin.asBoss('POST', '/subscriptions/hook/replay?since=2026')).status).toBe(400);
});
