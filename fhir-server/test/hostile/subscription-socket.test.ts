/** Attacks on the websockets of Subscriptions: nobody is told what he may not read, whatever token he has. */
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { SHIPPED_POLICIES } from '../../src/access/index.ts';
import { revokeAppAccess } from '../../src/auth/account/app-access.ts';
import { startTestDelivery, type TestDelivery } from '../support/delivery.ts';
import { addRights, userToken } from '../support/rights.ts';
import { CLINIC, startTestServer, type TestServer } from '../support/server.ts';
import { connect, type TestSocket } from '../support/socket.ts';
import { subscription, topic } from '../support/topic.ts';

const UNKNOWN = [1008, 'the token is unknown, used or expired'];
let server: TestServer;
let delivery: TestDelivery;
let token: string;

beforeAll(async () => {
  server = await startTestServer({ SUBSCRIPTION_ALLOW_PRIVATE: 'true' });
  delivery = await startTestDelivery(server);
  const { rules } = SHIPPED_POLICIES.find(({ name }) => name === 'doctor')!;
  const policy = { name: 'subscriber', rules: [...rules, { resourceType: 'Subscription', interactions: '*' }] } as const; // prettier-ignore
  await addRights(server, {
    policies: [policy],
    users: [{ username: 'sub', role: 'subscriber', fhirUser: 'Practitioner/sub', organization: CLINIC }],
  });
  await put('Basic/finished', topic());
  for (const [id, managingOrganization] of [
    ['mine', { reference: CLINIC }],
    ['other', { reference: 'Organization/elsewhere' }],
  ] as const)
    await put(`Patient/${id}`, { resourceType: 'Patient', managingOrganization });
  token = await userToken(server, 'sub');
}, 90_000);
afterAll(async () => {
  await delivery.stop();
  await server.close();
});

const put = async (path: string, body: object, own?: string): Promise<void> => {
  const [, id] = path.split('/');
  const response = await server.fhir('PUT', path, { body: { ...body, id }, ...(own && { token: own }) });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
};
const finish = (id: string, of: string) =>
  put(`Encounter/${id}`, { resourceType: 'Encounter', status: 'finished', class: { code: 'AMB' }, subject: { reference: `Patient/${of}` } }); // prettier-ignore

async function bindingToken(id: string, own?: string): Promise<string> {
  const path = `Subscription/${id}/$get-ws-binding-token`;
  const answer = await (await server.fhir('GET', path, own === undefined ? {} : { token: own })).json();
  return (answer as { parameter: { name: string; valueString: string }[] }).parameter[0]!.valueString;
}

async function saying(...messages: readonly string[]): Promise<TestSocket> {
  const client = await connect(server.baseUrl);
  for (const message of messages) client.socket.send(message);
  return client;
}

test('A token binds once, and not when it is old, guessed or none.', async () => {
  await put('Subscription/s1', subscription(undefined), token);
  const once = await bindingToken('s1', token);
  const first = await saying(`bind-with-token: ${once}`);
  await first.hears(1);
  expect(await (await saying(`bind-with-token: ${once}`)).closed()).toEqual(UNKNOWN);
  const old = await bindingToken('s1', token);
  await delivery.pool.query(`update subscription_socket_token set expires_at = now() - interval '1 second'`);
  expect(await (await saying(`bind-with-token: ${old}`)).closed()).toEqual(UNKNOWN);
  expect(await (await saying(`bind-with-token: ${'A'.repeat(43)}`)).closed()).toEqual(UNKNOWN);
  expect(await (await saying('hello')).closed()).toEqual(UNKNOWN);
  const { rows } = await delivery.pool.query<{ text: string }>('select t::text as text from subscription_socket_token t'); // prettier-ignore
  expect(rows.some(({ text }) => text.includes(old))).toBe(false);
  first.socket.close();
});

test('An id without a token binds nothing, and an address is no secret.', async () => {
  expect((await (await saying('bind s1')).closed())[0]).toBe(1008);
});

test('A token is refused to whom the Subscription is hidden from.', async () => {
  const without = await server.token('system/Encounter.rs');
  for (const path of [
    'Subscription/s1/$get-ws-binding-token',
    'Subscription/s1/$status',
    'Subscription/s1/$events',
  ])
    expect([path, (await server.fhir('GET', path, { token: without })).status]).toEqual([path, 403]);
});

test('Who may read the Subscription and not what it tells of hears nothing of that.', async () => {
  await put('Subscription/all', subscription(undefined));
  const narrow = await server.token('system/Subscription.rs');
  const client = await saying(`bind-with-token: ${await bindingToken('all', narrow)}`);
  await client.hears(1);
  await finish('h1', 'mine');
  await delivery.settled();
  await sleep(500);
  expect(client.told).toHaveLength(1);
  const events = await server.fhir('GET', 'Subscription/all/$events', { token: narrow });
  expect(await events.text()).not.toContain('Encounter');
  client.socket.close();
});

test('What a subscriber may not read has no number that would tell of it.', async () => {
  const client = await saying(`bind-with-token: ${await bindingToken('s1', token)}`);
  const [handshake] = await client.notifications(1);
  const before = Number(handshake?.count);
  await finish('h2', 'other');
  await finish('h3', 'mine');
  const [, event] = await client.notifications(2);
  expect(event).toMatchObject({ count: String(before + 1), events: [{ number: String(before + 1) }] });
  expect(client.told.join('')).not.toContain('h2');
  client.socket.close();
});

test('Whoever floods, sends too much, or binds nothing is cut off.', async () => {
  const flood = await connect(server.baseUrl);
  for (let i = 0; i < 200; i += 1) flood.socket.send('bind-with-token: x');
  expect((await flood.closed())[0]).toBe(1008);
  expect((await (await saying('x'.repeat(10_000))).closed())[0]).toBe(1009);
});

test('A page of another origin cannot connect, and elsewhere there is no websocket.', async () => {
  await expect(connect(server.baseUrl, { Origin: 'https://evil.example' })).rejects.toThrow('403');
  const own = await connect(server.baseUrl, { Origin: server.baseUrl });
  own.socket.close();
  const elsewhere = new WebSocket(`${server.baseUrl.replace('http', 'ws')}/fhir/R4`);
  await expect(new Promise((_resolve, reject) => elsewhere.on('error', reject))).rejects.toThrow('401');
});

test.each(['h2c', 'websocket', 'TLS/1.0'])(
  'Who offers %s instead of HTTP/1.1 is answered by the FHIR API.',
  async (upgrade) => {
    const status = await new Promise((resolve, reject) => {
      const headers = {
        Connection: 'Upgrade, HTTP2-Settings',
        Upgrade: upgrade,
        'HTTP2-Settings': 'AAMAAABkAAQAAP__',
      };
      request(`${server.fhirBase}/metadata`, { headers }, (answer) => resolve(answer.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
  },
);

test('Whoever is not the author of a Subscription learns neither its events nor how many there were.', async () => {
  await finish('h5', 'mine');
  await delivery.settled();
  const asked = async (path: string, own?: string) => {
    const answer = await server.fhir('GET', `Subscription/${path}`, own === undefined ? {} : { token: own });
    return [answer.status, (await answer.text()).includes('events-since-subscription-start')];
  };
  const narrow = await server.token('system/Subscription.rs');
  for (const other of [undefined, narrow]) {
    expect(await asked('s1/$events', other)).toEqual([403, false]);
    expect(await asked('s1/$get-ws-binding-token', other)).toEqual([403, false]);
    expect(await asked('$get-ws-binding-token?ids=s1,all', other)).toEqual([403, false]);
    expect(await asked('s1/$status', other)).toEqual([200, false]);
    expect(await asked('$status?id=s1', other)).toEqual([200, false]);
  }
  expect(await asked('s1/$events', token)).toEqual([200, true]);
  expect(await asked('s1/$status', token)).toEqual([200, true]);
});

test('Who is bound is let go when another has made the Subscription his own.', async () => {
  await put('Subscription/taken', subscription(undefined, { id: 'taken' }), token);
  const client = await saying(`bind-with-token: ${await bindingToken('taken', token)}`);
  await client.hears(1);
  await put('Subscription/taken', subscription(undefined, { id: 'taken' }));
  await finish('h6', 'mine');
  expect(await client.closed()).toEqual([1008, 'the Subscription is of another author']);
});

test('Nothing is told once the grant has ended, to whoever is bound (attack 25).', async () => {
  const theirs = await saying(`bind-with-token: ${await bindingToken('s1', token)}`);
  const unused = await bindingToken('s1', token);
  await theirs.hears(1);
  const { rows } = await delivery.pool.query<{ id: string }>(
    `select id from auth.users where username = 'sub'`,
  );
  const recorded = 'update subscription_topic set events = events + 1';
  expect(await revokeAppAccess(delivery.pool, rows[0]!.id, 'app')).toBe(true);
  await finish('h4', 'mine');
  await delivery.pool.query(recorded);
  expect(await theirs.closed()).toEqual([1008, 'the rights have ended']);
  expect(theirs.told).toHaveLength(1);
  expect(await (await saying(`bind-with-token: ${unused}`)).closed()).toEqual([
    1008,
    'the rights have ended',
  ]);
});
