/** How much one notification by topic carries, whichever way it goes. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startTestDelivery, startTestEndpoint, type TestDelivery, type TestEndpoint } from '../support/delivery.ts'; // prettier-ignore
import { startTestServer, type TestServer } from '../support/server.ts';
import { connect } from '../support/socket.ts';
import { notificationOf, subscription, topic, type Notification } from '../support/topic.ts';

const BYTES_MAX = 20_000;
/** Of the contents of a notification: names of resources, and the status, come on top. */
const NAMES_BYTES = 6_000;

let server: TestServer;
let delivery: TestDelivery;
let endpoint: TestEndpoint;

beforeAll(async () => {
  const env = { SUBSCRIPTION_NOTIFICATION_BYTES_MAX: String(BYTES_MAX) };
  server = await startTestServer({ SUBSCRIPTION_ALLOW_PRIVATE: 'true', ...env });
  delivery = await startTestDelivery(server, { SUBSCRIPTION_RETRY_DELAY_MS: '300', ...env });
  endpoint = await startTestEndpoint();
  expect((await put('Basic/finished', topic())).status).toBe(201);
  for (const id of ['p1', 'p2', 'p3', 'p4', 'p5', 'p6']) await put(`Patient/${id}`, patient(id, 6_000));
  await put('Patient/large', patient('large', 30_000));
}, 60_000);
afterAll(async () => {
  await delivery.stop();
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
const patient = (id: string, bytes: number) => ({
  resourceType: 'Patient',
  id,
  name: [{ family: 'x'.repeat(bytes) }],
});
const encounter = (id: string, of: string, bytes = 10) => ({
  resourceType: 'Encounter',
  id,
  status: 'finished',
  class: { code: 'AMB', display: 'x'.repeat(bytes) },
  subject: { reference: `Patient/${of}` },
});

/** All at once, so that they are due together. */
async function finish(...encounters: readonly ReturnType<typeof encounter>[]): Promise<void> {
  const entry = encounters.map((resource) => ({
    request: { method: 'PUT', url: `Encounter/${resource.id}` },
    resource,
  }));
  const body = { resourceType: 'Bundle', type: 'transaction', entry };
  expect((await server.fhir('POST', '', { body })).status).toBe(200);
}

/** Those after the handshake, each of which is within the limit. */
async function told(content = 'full-resource', ...encounters: readonly ReturnType<typeof encounter>[]) {
  expect((await put('Subscription/s1', subscription(endpoint.url, { content }))).status).toBe(201);
  await delivery.settled();
  await finish(...encounters);
  await delivery.settled();
  const bodies = endpoint.received.slice(1).map(({ body }) => body);
  for (const body of bodies) expect(body.length).toBeLessThan(BYTES_MAX + NAMES_BYTES);
  return bodies.map(notificationOf);
}

const numbers = (notifications: readonly Notification[]) =>
  notifications.map((n) => n.events.map((e) => Number(e.number)));
const sent = ({ entries }: Notification): string[] =>
  entries.slice(1).flatMap(({ resource }) => (resource ? [`${resource.resourceType}/${String(resource['id'])}`] : [])); // prettier-ignore

test('Events for which a notification has no room go into the next one, in their order and each once.', async () => {
  const events = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'].map((of, i) => encounter(`b${i}`, of, 2_000));
  const notifications = await told('full-resource', ...events);
  expect(numbers(notifications)).toEqual([[1, 2], [3, 4], [5, 6]]); // prettier-ignore
  expect(notifications.map((n) => sent(n).length)).toEqual([4, 4, 4]);
});

test('What several events include is there once, and counts once.', async () => {
  const notifications = await told('full-resource', ...['c1', 'c2', 'c3', 'c4'].map((id) => encounter(id, 'p1', 1_000))); // prettier-ignore
  expect(numbers(notifications)).toEqual([[1, 2, 3, 4]]);
  expect(sent(notifications[0]!).toSorted()).toEqual(['Encounter/c1', 'Encounter/c2', 'Encounter/c3', 'Encounter/c4', 'Patient/p1']); // prettier-ignore
});

test('Of an event that alone is too large, what does not fit is named.', async () => {
  const notifications = await told('full-resource', encounter('d1', 'large'), encounter('d2', 'p1', 30_000));
  expect(numbers(notifications)).toEqual([[1], [2]]);
  const found = notifications.map((n) => [sent(n), n.events[0]?.context, n.entries[1]?.fullUrl]);
  expect(new Set(found)).toEqual(
    new Set([
      [['Encounter/d1'], [`${server.fhirBase}/Patient/large`], `${server.fhirBase}/Encounter/d1`],
      [['Patient/p1'], [`${server.fhirBase}/Patient/p1`], `${server.fhirBase}/Encounter/d2`],
    ]),
  );
});

test('Where resources are only named, their size has no say.', async () => {
  const notifications = await told('id-only', ...[1, 2, 3, 4].map((n) => encounter(`i${n}`, 'large', 9_000)));
  expect(numbers(notifications)).toEqual([[1, 2, 3, 4]]);
});

test('What is asked for by $events ends where there is no room, and goes on from the next number.', async () => {
  await told('id-only', ...['p1', 'p2', 'p3'].map((of, i) => encounter(`e${i}`, of, 4_000)));
  const ask = async (since: number): Promise<number[][]> => {
    const path = `Subscription/s1/$events?content=full-resource&eventsSinceNumber=${since}`;
    const text = await (await server.fhir('GET', path)).text();
    expect(text.length).toBeLessThan(BYTES_MAX + NAMES_BYTES);
    return numbers([notificationOf(text)]);
  };
  expect(await ask(1)).toEqual([[1]]);
  expect(await ask(2)).toEqual([[2]]);
  expect(await ask(3)).toEqual([[3]]);
});

test('A websocket is told the rest in the next message.', async () => {
  expect((await put('Subscription/s1', subscription(undefined))).status).toBe(201);
  const answer = await (await server.fhir('GET', 'Subscription/s1/$get-ws-binding-token')).json();
  const { parameter } = answer as { parameter: { name: string; valueString?: string }[] };
  const token = parameter.find(({ name }) => name === 'token')?.valueString ?? '';
  const socket = await connect(server.baseUrl);
  socket.socket.send(`bind-with-token: ${token}`);
  await socket.hears(1);
  await finish(...['p1', 'p2', 'p3'].map((of, i) => encounter(`w${i}`, of, 4_000)));
  const [, ...notifications] = await socket.notifications(4);
  expect(numbers(notifications)).toEqual([[1], [2], [3]]);
  socket.socket.close();
});
