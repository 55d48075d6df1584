/** What many sockets, dead ones and ended rights may hold of the server, and what is recorded of what they were told. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { revokeAppAccess } from '../../src/auth/account/app-access.ts';
import { SHIPPED_POLICIES } from '../../src/access/index.ts';
import { startTestDelivery, type TestDelivery } from '../support/delivery.ts';
import { addRights, userToken } from '../support/rights.ts';
import { CLINIC, startTestServer, type TestServer } from '../support/server.ts';
import { connect, type TestSocket } from '../support/socket.ts';
import { subscription, topic } from '../support/topic.ts';

const SOCKETS_MAX = 20;
let server: TestServer;
let delivery: TestDelivery;

beforeAll(async () => {
  server = await startTestServer({ SUBSCRIPTION_ALLOW_PRIVATE: 'true', AUDIT_FLUSH_MS: '20' });
  delivery = await startTestDelivery(server);
  await put('Basic/finished', topic());
  await put('Subscription/s1', subscription(undefined));
}, 90_000);
afterAll(async () => {
  await delivery.stop();
  await server.close();
});

const put = async (path: string, body: object, token?: string): Promise<void> => {
  const id = path.split('/')[1];
  const response = await server.fhir('PUT', path, { body: { ...body, id }, ...(token && { token }) });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
};

async function connected(id = 's1', own?: string): Promise<TestSocket & { readonly bind: () => void }> {
  const path = `Subscription/${id}/$get-ws-binding-token`;
  const answer = await (await server.fhir('GET', path, own === undefined ? {} : { token: own })).json();
  const token = (answer as { parameter: { valueString: string }[] }).parameter[0]!.valueString;
  const client = await connect(server.baseUrl);
  return { ...client, bind: () => client.socket.send(`bind-with-token: ${token}`) };
}

const many = (count: number) => Promise.all(Array.from({ length: count }, () => connected()));

test('Sockets that close while they bind count no more afterwards.', async () => {
  for (const client of await many(SOCKETS_MAX + 5)) {
    client.bind();
    client.socket.close();
  }
  await sleep(1_000);
  const client = await connected();
  client.bind();
  await client.hears(1);
  client.socket.close();
  await client.closed();
});

test('Tokens that come at once bind no more sockets than one client may have.', async () => {
  const clients = await many(SOCKETS_MAX + 5);
  for (const { bind } of clients) bind();
  for (let i = 0; i < 100; i += 1) {
    const heard = clients.filter(
      ({ told, socket }) => told.length > 0 || socket.readyState === socket.CLOSED,
    );
    if (heard.length === clients.length) break;
    await sleep(50);
  }
  expect(clients.filter(({ told }) => told.length > 0)).toHaveLength(SOCKETS_MAX);
  for (const client of clients.filter(({ told }) => told.length === 0))
    expect(await client.closed()).toEqual([1013, 'too many connections']);
  await Promise.all(clients.map((client) => (client.socket.close(), client.closed())));
});

test('What a socket was told is recorded, with who was told.', async () => {
  const client = await connected();
  client.bind();
  await client.hears(1);
  const subject = { reference: 'Patient/p1' };
  await put('Encounter/a1', {
    resourceType: 'Encounter',
    status: 'finished',
    class: { code: 'AMB' },
    subject,
  });
  await client.hears(2);
  await sleep(500);
  const { rows } = await delivery.pool.query<{ record: string }>(
    `select record from audit.pending where record like '%"operation":"websocket"%'`,
  );
  expect(rows.map(({ record }) => JSON.parse(record) as unknown)).toMatchObject([
    { outcome: '0', agent: { clientId: 'backend' }, touched: [['Encounter/a1'], ['Subscription/s1']] },
  ]);
  client.socket.close();
});

test('A socket is closed soon after its grant has ended, though nothing happens.', async () => {
  const { rules } = SHIPPED_POLICIES.find(({ name }) => name === 'doctor')!;
  const own = { resourceType: 'Subscription', interactions: '*' } as const;
  await addRights(server, {
    policies: [{ name: 'subscriber', rules: [...rules, own] }],
    users: [{ username: 'sub', role: 'subscriber', fhirUser: 'Practitioner/sub', organization: CLINIC }],
  });
  const token = await userToken(server, 'sub');
  await put('Subscription/s2', subscription(undefined, { id: 's2' }), token);
  const client = await connected('s2', token);
  client.bind();
  await client.hears(1);
  const { rows } = await delivery.pool.query<{ id: string }>(
    `select id from auth.users where username = 'sub'`,
  );
  expect(await revokeAppAccess(delivery.pool, rows[0]!.id, 'app')).toBe(true);
  expect(await client.closed()).toEqual([1008, 'the rights have ended']);
}, 60_000);
