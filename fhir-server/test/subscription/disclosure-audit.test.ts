/** AuditEvents of what left for endpoints: a real worker, a real endpoint, sealed by the worker's own loop. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { AuditEvent } from '@medplum/fhirtypes';
import { startTestSealer, type TestSealer } from '../support/audit.ts';
import { startTestDelivery, startTestEndpoint, type TestDelivery, type TestEndpoint } from '../support/delivery.ts'; // prettier-ignore
import { startTestServer, type TestServer } from '../support/server.ts';
import { subscription, topic } from '../support/topic.ts';

let server: TestServer;
let delivery: TestDelivery;
let sealer: TestSealer;
let endpoint: TestEndpoint;

beforeAll(async () => {
  server = await startTestServer({ SUBSCRIPTION_ALLOW_PRIVATE: 'true' });
  const env = { SUBSCRIPTION_RETRY_DELAY_MS: '20', AUDIT_FLUSH_MS: '20' };
  [delivery, endpoint] = [await startTestDelivery(server, env), await startTestEndpoint()];
  sealer = startTestSealer(server);
  expect((await put('Basic/finished', topic())).status).toBe(201);
  for (const id of ['p1', 'p2']) await put(`Patient/${id}`, { resourceType: 'Patient', id });
}, 60_000);
afterAll(async () => {
  await delivery.stop();
  await sealer.stop();
  endpoint.close();
  await server.close();
});
beforeEach(async () => {
  await server.fhir('DELETE', 'Subscription/s1');
  await delivery.settled();
  endpoint.received.length = 0;
});

const put = (path: string, body: object) =>
  server.fhir('PUT', path, { body: { ...body, id: path.split('/')[1] } });
const encounter = (id: string, of: string) => ({
  resourceType: 'Encounter',
  id,
  status: 'finished',
  class: { code: 'AMB' },
  subject: { reference: `Patient/${of}` },
});
const byCriteria = (payload?: string) => ({
  resourceType: 'Subscription',
  id: 's1',
  status: 'active',
  reason: 'a test',
  criteria: 'Encounter?status=finished',
  channel: { type: 'rest-hook', endpoint: endpoint.url, ...(payload === undefined ? {} : { payload }) },
});

/** Of the attempt that had this X-Event-Id, once all that was noted is sealed. */
async function eventsOf(eventId: string): Promise<AuditEvent[]> {
  await sleep(300);
  for (let i = 0; i < 250; i += 1) {
    const { rowCount } = await delivery.pool.query('select 1 from audit.pending');
    if (rowCount === 0) break;
    await sleep(20);
  }
  const { rows } = await delivery.pool.query<{ content: string }>(
    `select content from fhir."AuditEvent" where content like $1`,
    [`%"${eventId}"%`],
  );
  return rows.map(({ content }) => JSON.parse(content) as AuditEvent);
}

const told = ({ outcome, agent, entity = [] }: AuditEvent) => ({
  outcome,
  client: agent[0]?.who?.identifier?.value,
  what: entity.flatMap(({ what }) => what?.reference ?? []).toSorted(),
});
const lastId = (): string => String(endpoint.received.at(-1)?.headers['x-event-id']);

async function subscribe(body: object): Promise<void> {
  expect((await put('Subscription/s1', body)).status).toBe(201);
  await delivery.settled();
}

test('A resource that goes to an endpoint leaves one, with the author, the patient and the Subscription.', async () => {
  await subscribe(byCriteria('application/fhir+json'));
  await put('Encounter/r1', encounter('r1', 'p1'));
  await delivery.settled();
  const events = await eventsOf(lastId());
  expect(events.map(told)).toEqual([
    { outcome: '0', client: 'backend', what: ['Encounter/r1', 'Patient/p1', 'Subscription/s1'] },
  ]);
  expect(JSON.stringify(events)).not.toContain('/hook');
});

test('What an endpoint refused it may have kept: each attempt leaves one.', async () => {
  await subscribe(byCriteria('application/fhir+json'));
  endpoint.answers.push(500);
  await put('Encounter/r2', encounter('r2', 'p1'));
  await delivery.settled();
  expect((await eventsOf(lastId())).map(({ outcome }) => outcome).toSorted()).toEqual(['0', '4']);
});

test('A notification by topic leaves one for each patient, with what it brought along, and none of others.', async () => {
  await subscribe(subscription(endpoint.url));
  const entry = ['p1', 'p2'].map((of) => ({
    request: { method: 'PUT', url: `Encounter/t-${of}` },
    resource: encounter(`t-${of}`, of),
  }));
  await server.fhir('POST', '', { body: { resourceType: 'Bundle', type: 'transaction', entry } });
  await delivery.settled();
  const all = (await eventsOf(lastId())).map((event) => told(event).what);
  expect(new Set(all)).toEqual(
    new Set([['Subscription/s1'], ['Encounter/t-p1', 'Patient/p1', 'Patient/p1'], ['Encounter/t-p2', 'Patient/p2', 'Patient/p2']]), // prettier-ignore
  );
});

test.each([
  ['without a payload', () => byCriteria()],
  ['with names alone', () => subscription(endpoint.url, { content: 'id-only' })],
] as const)('A notification %s leaves none.', async (_what, body) => {
  await subscribe(body());
  await put('Encounter/n1', { ...encounter('n1', 'p1'), status: 'planned' });
  await put('Encounter/n1', encounter('n1', 'p1'));
  await delivery.settled();
  expect(await eventsOf(lastId())).toEqual([]);
});
