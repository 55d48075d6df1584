/** A worker with one connection, and what changes under it after a Subscription by topic was accepted. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { SearchParameterRegistry } from '../../src/search/index.ts';
import { searchParameters } from '../../src/fhir/definitions/index.ts';
import { startTestDelivery, startTestEndpoint, type TestDelivery, type TestEndpoint } from '../support/delivery.ts'; // prettier-ignore
import { startTestServer, type TestServer } from '../support/server.ts';
import { notificationOf, subscription, topic } from '../support/topic.ts';

let server: TestServer;
let delivery: TestDelivery;
let endpoint: TestEndpoint;
const isStatus = ({ code, base }: { readonly code: string; readonly base: readonly string[] }) =>
  code === 'status' && base.includes('Encounter');
const registry = new SearchParameterRegistry(searchParameters().filter((p) => !isStatus(p)));

beforeAll(async () => {
  server = await startTestServer({ SUBSCRIPTION_ALLOW_PRIVATE: 'true' });
  delivery = await startTestDelivery(server, { DATABASE_POOL_SIZE: '1' }, { registry });
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
  expect((await put('Subscription/s1', subscription(endpoint.url))).status).toBeLessThan(300);
  for (let i = 0; i < 250 && (await status()) !== 'active'; i += 1) await sleep(20);
  endpoint.received.length = 0;
});

const put = (path: string, body: object) =>
  server.fhir('PUT', path, { body: { ...body, id: path.split('/')[1] } });
const status = async () =>
  ((await (await server.fhir('GET', 'Subscription/s1')).json()) as { status: string }).status;
const finish = async (id: string): Promise<void> => {
  const body = { resourceType: 'Encounter', id, status: 'finished', class: { code: 'AMB' } };
  expect((await put(`Encounter/${id}`, body)).status).toBe(201);
  await delivery.settled();
};
const told = () =>
  endpoint.received.flatMap(({ body }) => notificationOf(body).events.map((e) => e.focus?.split('/').at(-1)));

test('A topic that was not understood is when its search parameter has come, without being written again.', async () => {
  await finish('early');
  registry.setCustom(searchParameters(), [], new Set());
  await finish('late');
  expect(told()).toEqual(['late']);
});

test('Nobody is told of elements that are hidden from him by a topic that has changed.', async () => {
  const elements = JSON.stringify([{ resourceType: 'Encounter', hidden: ['length'] }]);
  const change = (sql: string, values: unknown[] = []) =>
    delivery.pool.query(`update auth.access_policy set document = ${sql} where name = 'client'`, values);
  await change(`jsonb_set(document, '{elements}', $1::jsonb)`, [elements]);
  await put('Basic/finished', topic({ previous: null, current: 'length:missing=true' }));
  await finish('hidden');
  await put('Basic/finished', topic());
  await finish('seen');
  await change(`document - 'elements'`);
  expect(told()).toEqual(['seen']);
});

test('What was collected for other filters is neither sent nor shown any more, and the numbers go on.', async () => {
  await finish('before');
  expect(told()).toEqual(['before']);
  endpoint.received.length = 0;
  await put('Subscription/s1', subscription(endpoint.url, { filters: ['Encounter?date=gt2020-01-01'] }));
  await delivery.settled();
  const shown = async (): Promise<string> =>
    (await server.fhir('GET', 'Subscription/s1/$events?content=id-only')).text();
  expect(await shown()).not.toContain('Encounter/before');
  const body = {
    resourceType: 'Encounter',
    id: 'after',
    status: 'finished',
    class: { code: 'AMB' },
    period: { start: '2026-01-01' },
  };
  expect((await put('Encounter/after', body)).status).toBe(201);
  await delivery.settled();
  expect(told()).toEqual(['after']);
  expect(await shown()).toContain('Encounter/after');
});
