/** Topic-based Subscriptions by websocket, and what can be asked of them: two api processes, a worker, real clients. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestDelivery, type TestDelivery } from '../support/delivery.ts';
import { type SecondApi, startSecondApi } from '../support/second-api.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { connect, type TestSocket } from '../support/socket.ts';
import { notificationOf, statusOf, subscription, topic } from '../support/topic.ts';

let server: TestServer;
let second: SecondApi;
let delivery: TestDelivery;
const open: TestSocket[] = [];

beforeAll(async () => {
  server = await startTestServer({ SUBSCRIPTION_ALLOW_PRIVATE: 'true' });
  second = await startSecondApi(server);
  delivery = await startTestDelivery(server);
  expect((await put('Basic/finished', topic())).status).toBe(201);
}, 90_000);
afterAll(async () => {
  for (const { socket } of open) socket.terminate();
  await delivery.stop();
  await second.close();
  await server.close();
});
beforeEach(async () => {
  await server.fhir('DELETE', 'Subscription/s1');
  expect((await put('Subscription/s1', subscription(undefined))).status).toBeLessThan(300);
});

const put = (path: string, body: object) =>
  server.fhir('PUT', path, { body: { ...body, id: path.split('/')[1] } });
const finish = (id: string) =>
  put(`Encounter/${id}`, { resourceType: 'Encounter', status: 'finished', class: { code: 'AMB' } });

interface TokenAnswer {
  readonly parameter: readonly {
    readonly name: string;
    readonly valueString?: string;
    readonly valueUrl?: string;
  }[];
}

async function tokenFor(path = 'Subscription/s1/$get-ws-binding-token'): Promise<string> {
  const answer = (await (await server.fhir('GET', path)).json()) as TokenAnswer;
  expect(answer.parameter.find((p) => p.name === 'websocket-url')?.valueUrl).toBe(
    `${server.baseUrl.replace('http', 'ws')}/ws/subscriptions`,
  );
  return answer.parameter.find((p) => p.name === 'token')?.valueString ?? '';
}

async function bound(origin = server.baseUrl): Promise<TestSocket> {
  const client = await connect(origin);
  open.push(client);
  client.socket.send(`bind-with-token: ${await tokenFor()}`);
  await client.hears(1);
  return client;
}

describe('A client that is bound', () => {
  test('is sent a handshake, which makes the Subscription active, and then each event.', async () => {
    const client = await bound();
    await finish('w1');
    const [handshake, event] = await client.notifications(2);
    expect(handshake).toMatchObject({ type: 'handshake', count: '0', events: [] });
    expect(event).toMatchObject({ type: 'event-notification', status: 'active', events: [{ number: '1' }] });
    expect(event?.entries[1]?.resource).toMatchObject({ resourceType: 'Encounter', id: 'w1' });
  });

  test('hears of events whichever api it is connected to, and catches up by $events.', async () => {
    const [here, there] = [await bound(), await bound(`http://127.0.0.1:${second.port}`)];
    await finish('w2');
    for (const client of [here, there])
      expect((await client.notifications(2))[1]).toMatchObject({ events: [{ number: '1' }] });
    there.socket.close();
    await there.closed();
    await finish('w3');
    await finish('w4');
    await here.hears(3);
    await delivery.settled();
    const again = await bound(`http://127.0.0.1:${second.port}`);
    expect((await again.notifications(1))[0]).toMatchObject({ type: 'handshake', count: '3' });
    const missed = await server.fhir('GET', 'Subscription/s1/$events?eventsSinceNumber=2&content=id-only');
    const answer = notificationOf(await missed.text());
    expect(answer).toMatchObject({ type: 'query-event', count: '3' });
    expect(answer.events.map((e) => e.number)).toEqual(['2', '3']);
    expect(answer.entries.map((e) => e.resource?.resourceType)).toEqual(['Parameters', undefined, undefined]);
  });

  test('may have itself told as R4 does.', async () => {
    const client = await bound();
    client.socket.send('bind s1');
    expect((await client.hears(2))[1]).toBe('bound s1');
    await finish('w5');
    expect((await client.hears(3))[2]).toBe('ping s1');
  });

  test('is let go when the Subscription is switched off, and told when the server stops.', async () => {
    const client = await bound();
    await put('Subscription/s1', { ...subscription(undefined), status: 'off' });
    expect(await client.closed()).toEqual([1008, 'the Subscription does not send by websocket']);
    await put('Subscription/s1', subscription(undefined));
    const third = await startSecondApi(server);
    const other = await bound(`http://127.0.0.1:${third.port}`);
    await third.close();
    expect((await other.closed())[0]).toBe(1001);
  });
});

describe('The operations', () => {
  test('tell the state of one Subscription, and of several.', async () => {
    const one = (await (await server.fhir('GET', 'Subscription/s1/$status')).json()) as { entry: { resource: unknown }[] }; // prettier-ignore
    expect(one).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 1 });
    expect(statusOf(one.entry[0]?.resource)).toMatchObject({ type: 'query-status', status: 'requested', count: '0' }); // prettier-ignore
    const body = { resourceType: 'Parameters', parameter: [{ name: 'id', valueId: 's1' }, { name: 'id', valueId: 'nobody' }] }; // prettier-ignore
    const several = await server.fhir('POST', 'Subscription/$status', { body });
    expect(await several.json()).toMatchObject({ total: 1 });
    const off = await server.fhir('GET', 'Subscription/$status?status=off');
    expect(await off.json()).toMatchObject({ total: 0 });
    expect((await server.fhir('GET', 'Subscription/nobody/$status')).status).toBe(404);
  });

  test('give a token for Subscriptions by websocket alone.', async () => {
    const hook = { ...subscription('https://example.org/hook'), id: 's9' };
    expect((await put('Subscription/s9', hook)).status).toBeLessThan(300);
    expect((await server.fhir('GET', 'Subscription/s9/$get-ws-binding-token')).status).toBe(422);
    expect((await server.fhir('GET', 'Subscription/$get-ws-binding-token?ids=s1,s9')).status).toBe(422);
    expect(await tokenFor('Subscription/$get-ws-binding-token?ids=s1')).toHaveLength(43);
  });

  test('are in the CapabilityStatement, with the address of the websocket.', async () => {
    const statement = await (await server.fhir('GET', 'metadata')).json();
    const rest = (statement as { rest: { extension: unknown; resource: { type: string; operation: { name: string }[] }[] }[] }).rest[0]!; // prettier-ignore
    const names = rest.resource.find((r) => r.type === 'Subscription')?.operation.map((o) => o.name) ?? [];
    expect(names).toEqual(expect.arrayContaining(['status', 'events', 'get-ws-binding-token']));
    expect(JSON.stringify(rest.extension)).toContain('/ws/subscriptions');
    expect(JSON.stringify(statement)).toContain('CapabilityStatement/backport-subscription-server-r4');
  });
});
