/** Topic-based Subscriptions by rest-hook, from the topic to the endpoint: real HTTP, a real worker. https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/ */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestDelivery, startTestEndpoint, type TestDelivery, type TestEndpoint } from '../support/delivery.ts'; // prettier-ignore
import { startTestServer, type TestServer } from '../support/server.ts';
import { notificationOf, subscription, topic, type Notification } from '../support/topic.ts';

let server: TestServer;
let delivery: TestDelivery;
let endpoint: TestEndpoint;

beforeAll(async () => {
  server = await startTestServer({ SUBSCRIPTION_ALLOW_PRIVATE: 'true' });
  delivery = await startTestDelivery(server, {
    SUBSCRIPTION_RETRY_DELAY_MS: '20',
    SUBSCRIPTION_ATTEMPTS_MAX: '2',
  });
  endpoint = await startTestEndpoint();
  expect((await put('Basic/finished', topic())).status).toBe(201);
}, 60_000);
afterAll(async () => {
  await delivery.stop();
  endpoint.close();
  await server.close();
});
beforeEach(async () => {
  for (const id of ['s1', 's2']) await server.fhir('DELETE', `Subscription/${id}`);
  await delivery.settled();
  endpoint.received.length = 0;
});

const put = (path: string, body: object) =>
  server.fhir('PUT', path, { body: { ...body, id: path.split('/')[1] } });
const encounter = (id: string, status: string, of = 'p1') =>
  put(`Encounter/${id}`, {
    resourceType: 'Encounter',
    id,
    status,
    class: { code: 'AMB' },
    subject: { reference: `Patient/${of}` },
  });

async function received(): Promise<Notification[]> {
  await delivery.settled();
  return endpoint.received.map(({ body }) => notificationOf(body));
}

const subscribe = async (part: Parameters<typeof subscription>[1] = {}): Promise<void> => {
  const response = await put('Subscription/s1', subscription(endpoint.url, part));
  expect([response.status, await response.text()]).toEqual([201, expect.any(String)]);
  await delivery.settled();
  await until(async () => (await statusOf('s1')) !== 'requested');
};

async function until(what: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 250; i += 1) {
    if (await what()) return;
    await sleep(20);
  }
  throw new Error('it did not happen within 5 s');
}

const statusOf = async (id: string): Promise<string> =>
  ((await (await server.fhir('GET', `Subscription/${id}`)).json()) as { status: string }).status;

describe('A topic-based Subscription', () => {
  test('becomes active when its endpoint has taken the handshake.', async () => {
    const response = await put('Subscription/s1', subscription(endpoint.url));
    expect(await response.json()).toMatchObject({ status: 'requested' });
    expect(await received()).toMatchObject([{ type: 'handshake', status: 'requested', count: '0' }]);
    await until(async () => (await statusOf('s1')) === 'active');
  });

  test('is given up when its endpoint takes no handshake.', async () => {
    endpoint.answers.push(500, 500);
    await put('Subscription/s1', subscription(endpoint.url));
    await until(() => Promise.resolve(delivery.givenUp.length === 1));
    expect(delivery.givenUp[0]).toMatchObject({ id: 's1', text: expect.stringContaining('the endpoint answered 500') }); // prettier-ignore
  });

  test('tells of changes that trigger its topic, numbered, and of no others.', async () => {
    await subscribe();
    await encounter('e1', 'in-progress');
    await encounter('e1', 'finished');
    await encounter('e1', 'finished');
    await encounter('e2', 'finished');
    const [, ...events] = (await received()).filter((n) => n.type !== 'heartbeat');
    expect(events.flatMap((n) => n.events)).toMatchObject([
      { number: '1', focus: `${server.fhirBase}/Encounter/e1` },
      { number: '2', focus: `${server.fhirBase}/Encounter/e2` },
    ]);
    expect(events.at(-1)).toMatchObject({ type: 'event-notification', status: 'active', count: '2' });
    expect(events[0]?.entries[1]).toMatchObject({
      fullUrl: `${server.fhirBase}/Encounter/e1`,
      request: { method: 'PUT', url: 'Encounter/e1' },
      response: { status: '200' },
      resource: { resourceType: 'Encounter', id: 'e1', status: 'finished', meta: { versionId: '2' } },
    });
  });

  test.each([
    ['empty', [false, 1, false]],
    ['id-only', [true, 2, false]],
    ['full-resource', [true, 2, true]],
  ] as const)('discloses what its content level %s says.', async (content, expected) => {
    await subscribe({ content });
    await encounter(`c-${content}`, 'finished');
    const last = (await received()).at(-1)!;
    expect(last.events).toHaveLength(1);
    const found = [last.events[0]?.focus !== undefined, last.entries.length, last.entries[1]?.resource !== undefined]; // prettier-ignore
    expect(found).toEqual(expected);
  });

  test('gets what its filters let through.', async () => {
    await subscribe({ filters: ['Encounter?patient=Patient/p2'] });
    await encounter('f1', 'finished', 'p1');
    await encounter('f2', 'finished', 'p2');
    const [, ...events] = await received();
    expect(events.flatMap((n) => n.events)).toMatchObject([
      { number: '1', focus: `${server.fhirBase}/Encounter/f2` },
    ]);
  });

  test('gets several events in one notification, as many as it takes, and none twice.', async () => {
    endpoint.answers.push(200, 500);
    await subscribe({ maxCount: 2 });
    const entry = [1, 2, 3, 4, 5].map((n) => ({
      request: { method: 'PUT', url: `Encounter/m${n}` },
      resource: { resourceType: 'Encounter', id: `m${n}`, status: 'finished', class: { code: 'AMB' } },
    }));
    await server.fhir('POST', '', { body: { resourceType: 'Bundle', type: 'transaction', entry } });
    const [, failed, ...taken] = await received();
    expect(taken.map((n) => n.events.map((e) => e.number))).toEqual([['1', '2'], ['3', '4'], ['5']]);
    expect(failed?.events.map((e) => e.number)).toEqual(['1', '2']);
  });

  test('brings along what the shape of its topic names.', async () => {
    await put('Patient/p3', { resourceType: 'Patient', id: 'p3', name: [{ family: 'Included' }] });
    await subscribe();
    await encounter('i1', 'finished', 'p3');
    const last = (await received()).at(-1)!;
    expect(last.events[0]?.context).toEqual([`${server.fhirBase}/Patient/p3`]);
    expect(last.entries.at(-1)?.resource).toMatchObject({ resourceType: 'Patient', id: 'p3' });
  });

  test('is told of deletions, by what was there before.', async () => {
    const part = {
      url: 'urn:topic:gone',
      interactions: ['delete'],
      previous: 'status=finished',
      current: null,
    };
    expect((await put('Basic/gone', topic(part))).status).toBeLessThan(300);
    await encounter('d1', 'finished');
    await encounter('d2', 'planned');
    await subscribe({ criteria: 'urn:topic:gone' });
    await server.fhir('DELETE', 'Encounter/d1');
    await server.fhir('DELETE', 'Encounter/d2');
    const [, ...events] = await received();
    expect(events.flatMap((n) => n.events)).toMatchObject([{ focus: `${server.fhirBase}/Encounter/d1` }]);
    expect(events[0]?.entries[1]).toMatchObject({ request: { method: 'DELETE', url: 'Encounter/d1' } });
    expect(events[0]?.entries[1]?.resource).toBeUndefined();
  });

  test('goes by a FHIRPath over both sides of a change.', async () => {
    const fhirPath =
      "%previous.exists() and %previous.status != %current.status and %current.status = 'onleave'";
    const part = { url: 'urn:topic:path', previous: null, current: null, fhirPath };
    expect((await put('Basic/path', topic(part))).status).toBeLessThan(300);
    await subscribe({ criteria: 'urn:topic:path' });
    await encounter('h1', 'onleave');
    await encounter('h2', 'in-progress');
    await encounter('h2', 'onleave');
    const [, ...events] = await received();
    expect(events.flatMap((n) => n.events)).toMatchObject([{ focus: `${server.fhirBase}/Encounter/h2` }]);
  });

  test('hears its heart beat when there is nothing else.', async () => {
    await subscribe({ heartbeatPeriod: 5 });
    await delivery.pool.query(`update subscription_topic set last_sent_at = now() - interval '1 minute'`);
    await until(() => Promise.resolve(endpoint.received.length === 2));
    expect((await received()).at(-1)).toMatchObject({ type: 'heartbeat', count: '0', events: [] });
    await delivery.pool.query(`update subscription_topic set last_sent_at = now() - interval '1 minute'`);
    await until(() => Promise.resolve(endpoint.received.length === 3));
    // Whoever drops what he has had already must not take a heart for dead.
    const ids = endpoint.received.map(({ headers }) => headers['x-event-id']);
    expect(new Set(ids).size).toBe(3);
  });
});

describe('What does not fit is refused', () => {
  const refused: readonly (readonly [string, Parameters<typeof subscription>[1], string])[] = [
    ['an unknown topic', { criteria: 'urn:topic:unknown' }, 'Subscription.criteria'],
    ['a filter that the topic does not have', { filters: ['Encounter?status=finished'] }, 'Subscription.criteria.extension[0]'],
    ['a filter of another type', { filters: ['Patient?name=x'] }, 'Subscription.criteria.extension[0]'],
    ['a modifier that the topic does not have', { filters: ['Encounter?patient:missing=true'] }, 'Subscription.criteria.extension[0]'],
    ['a comparator that the topic does not have', { filters: ['Encounter?patient=Patient/p1', 'Encounter?date=lt2020'] }, 'Subscription.criteria.extension[1]'],
    ['no content level', { content: 'everything' }, 'Subscription.channel.payload.extension'],
    ['a heart that beats too fast', { heartbeatPeriod: 1 }, 'Subscription.channel.extension'],
    ['a timeout that is longer than the server waits', { timeout: 61 }, 'Subscription.channel.extension'],
    ['a channel that is not there', { type: 'sms' }, 'Subscription.channel.type'],
  ]; // prettier-ignore
  test.each(refused)('of a Subscription: %s.', async (_what, part, expression) => {
    const response = await put('Subscription/s2', subscription(endpoint.url, part));
    expect([response.status, await response.json()]).toMatchObject([
      422,
      { issue: [{ expression: [expression] }] },
    ]);
  });

  test.each([
    ['criteria that need other resources', { current: 'patient.name=x' }],
    ['a parameter that is not there', { current: 'nonsense=x' }],
    ['no FHIRPath', { fhirPath: '%current.(' }],
    ['a pattern without a bound', { fhirPath: "%current.id.matches('(a+)+$')" }],
    ['a walk through all of a resource', { fhirPath: '%current.descendants().descendants().exists()' }],
    [
      'a walk beside what only the library reads',
      { fhirPath: '@2020 = @2020 and %current.`repeat`($this).exists()' },
    ],
    ['a type that is not there', { resource: 'Nonsense' }],
    ['an interaction that is not there', { interactions: ['read'] }],
    ['an include that is not there', { include: 'Encounter:nonsense' }],
  ] as const)('of a topic: %s.', async (_what, part) => {
    expect((await put('Basic/faulty', topic({ ...part, url: 'urn:topic:faulty' }))).status).toBe(422);
  });
});
