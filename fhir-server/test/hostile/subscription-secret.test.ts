/** What a Subscription is told in confidence reaches its endpoint alone: no road of the API leads to it, and no row holds it. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestDelivery, startTestEndpoint, type TestDelivery, type TestEndpoint } from '../support/delivery.ts'; // prettier-ignore
import { addRights, userToken } from '../support/rights.ts';
import { startSecondApi } from '../support/second-api.ts';
import { CLINIC, startTestServer, type TestServer } from '../support/server.ts';

const SECRET_EXTENSION = 'https://dr-assistant.example/fhir/StructureDefinition/subscription-secret';
const PLACEHOLDER = '[redacted]';
const VALUE = 'ConfidentialHeaderValue';
const KEY = 'ConfidentialSigningKey';

let server: TestServer;
let delivery: TestDelivery;
let endpoint: TestEndpoint;

beforeAll(async () => {
  server = await startTestServer({ SUBSCRIPTION_ALLOW_PRIVATE: 'true' });
  delivery = await startTestDelivery(server);
  endpoint = await startTestEndpoint();
}, 60_000);
afterAll(async () => {
  await delivery.stop();
  endpoint.close();
  await server.close();
});

const subscription = (part: { value?: string; key?: string; at?: string; status?: string } = {}) => ({
  resourceType: 'Subscription',
  id: 's1',
  extension: [{ url: SECRET_EXTENSION, valueString: part.key ?? KEY }],
  status: part.status ?? 'requested',
  reason: 'x',
  criteria: 'Observation?status=final',
  channel: {
    type: 'rest-hook',
    endpoint: part.at ?? endpoint.url,
    payload: 'application/fhir+json',
    header: [`Authorization: Bearer ${part.value ?? VALUE}`],
  },
});

const put = (body: object) => server.fhir('PUT', 'Subscription/s1', { body });
const weigh = async (): Promise<void> => {
  const body = { resourceType: 'Observation', status: 'final', code: { text: 'weight' } };
  expect((await server.fhir('POST', 'Observation', { body })).status).toBe(201);
  await delivery.settled();
};

/** Of one who works with Subscriptions and sees none of their extensions. */
async function clerkToken(): Promise<string> {
  const rules = ['Subscription', 'Observation'].map((resourceType) => ({
    resourceType,
    interactions: '*' as const,
  }));
  const elements = [{ resourceType: 'Subscription', hidden: ['extension'] }];
  await addRights(server, {
    policies: [{ name: 'clerk', rules, elements }],
    users: [{ username: 'clerk', role: 'clerk', fhirUser: 'Practitioner/clerk', organization: CLINIC }],
  });
  return userToken(server, 'clerk');
}

/** Every row of every table, as text. */
async function rowsWith(...words: string[]): Promise<string[]> {
  const { rows } = await delivery.pool.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  const found: string[] = [];
  for (const { name } of rows) {
    const { rowCount } = await delivery.pool.query(
      `select 1 from ${name} t where t::text like any ($1::text[]) limit 1`,
      [words.map((word) => `%${word}%`)],
    );
    if (rowCount !== 0) found.push(name);
  }
  return found;
}

const batch = (type: string, ...urls: string[]) => ({
  resourceType: 'Bundle',
  type,
  entry: urls.map((url) => ({ request: { method: 'GET', url } })),
});
const PATCH = { 'Content-Type': 'application/json-patch+json' };
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };
const graphql = encodeURIComponent('{SubscriptionList{channel{header} extension{url valueString}}}');
const guess = JSON.stringify([
  { op: 'test', path: '/channel/header/0', value: `Authorization: Bearer ${VALUE}` },
]);

/** As an administrator, who may read everything. */
const ROADS: readonly (readonly [method: string, path: string, body?: object | string, headers?: Record<string, string>])[] = [
  ['GET', 'Subscription/s1'],
  ['GET', 'Subscription/s1?_elements=channel,extension'],
  ['GET', 'Subscription/s1/_history'],
  ['GET', 'Subscription/s1/_history/1'],
  ['GET', 'Subscription/_history'],
  ['GET', '_history'],
  ['GET', 'Subscription?_id=s1'],
  ['GET', '?_type=Subscription'],
  ['POST', 'Subscription/_search', '_id=s1', FORM],
  ['POST', '', batch('batch', 'Subscription/s1', 'Subscription/s1/_history/1')],
  ['POST', '', batch('transaction', 'Subscription/s1')],
  ['GET', `$graphql?query=${graphql}`],
  ['GET', `Subscription/s1/$graphql?query=${encodeURIComponent('{channel{header} extension{valueString}}')}`],
  ['GET', 'Subscription/s1/$diff?fromVersion=1&toVersion=2'],
  ['GET', 'Subscription/s1/$meta'],
  ['PATCH', 'Subscription/s1', guess, PATCH],
  ['GET', 'AuditEvent'],
]; // prettier-ignore

const NAMED_ROADS = ROADS.map((road) => [`${road[0]} ${road[1]}`, road] as const);

describe('Headers and signing secrets of a Subscription', () => {
  test('are sent to its endpoint, and are not in what the writer gets back.', async () => {
    const written = await put(subscription());
    expect(written.status).toBe(201);
    const text = await written.text();
    expect(text).toContain(`Authorization: ${PLACEHOLDER}`);
    expect([text.includes(VALUE), text.includes(KEY)]).toEqual([false, false]);
    await weigh();
    const { headers, body } = endpoint.received.at(-1)!;
    expect(headers['authorization']).toBe(`Bearer ${VALUE}`);
    expect(headers['x-signature']).toBe(`sha256=${createHmac('sha256', KEY).update(body).digest('hex')}`);
  });

  test('stay as they are when the Subscription that was read is written again.', async () => {
    const read = (await (await server.fhir('GET', 'Subscription/s1')).json()) as object;
    expect((await put({ ...read, reason: 'another' })).status).toBe(200);
    await weigh();
    expect(endpoint.received.at(-1)?.headers['authorization']).toBe(`Bearer ${VALUE}`);
  });

  test.each(NAMED_ROADS)('are not answered to %s', async (_name, [method, path, body, headers]) => {
    const response = await server.fhir(method, path, {
      ...(body === undefined ? {} : { body }),
      ...(headers === undefined ? {} : { headers }),
    });
    const text = await response.text();
    expect(response.status).toBeLessThan(500);
    // A guess is not told to be right.
    if (method === 'PATCH') expect(response.status).toBeGreaterThanOrEqual(400);
    else expect(response.status).toBe(200);
    expect([text.includes(VALUE), text.includes(KEY)]).toEqual([false, false]);
  });

  test('are found by no search of the content.', async () => {
    // What is typed is in the audit, in the case in which it was typed.
    for (const word of [VALUE.toLowerCase(), KEY.toLowerCase()]) {
      const found = await (await server.fhir('GET', `Subscription?_content=${word}&_total=accurate`)).json();
      expect(found).toMatchObject({ total: 0 });
    }
  });

  test('stand in no row of the database (attack 25).', async () => {
    expect(await rowsWith(VALUE, KEY)).toEqual([]);
  });

  test('do not follow to another endpoint, whoever changes it.', async () => {
    const there = subscription({ value: PLACEHOLDER, key: PLACEHOLDER, at: `${endpoint.url}/thief` });
    const back = { ...there, channel: { ...there.channel, header: [`Authorization: ${PLACEHOLDER}`] } };
    for (const status of ['requested', 'off']) {
      const refused = await put({ ...back, status });
      expect([status, refused.status]).toEqual([status, 422]);
      expect(await refused.text()).toContain('Subscription.channel.header');
    }
    const patch = [{ op: 'replace', path: '/channel/endpoint', value: `${endpoint.url}/thief` }];
    const patched = await server.fhir('PATCH', 'Subscription/s1', {
      body: JSON.stringify(patch),
      headers: PATCH,
    });
    expect(patched.status).toBe(422);
    const copied = await server.fhir('POST', 'Subscription', { body: { ...back, id: undefined } });
    expect(copied.status).toBe(422);
  });

  test('stay as they are when they are hidden from who writes the Subscription again, and do not follow either.', async () => {
    const token = await clerkToken();
    const read = (await (await server.fhir('GET', 'Subscription/s1', { token })).json()) as {
      channel: object;
    };
    expect(read).not.toHaveProperty('extension');
    const write = (body: object): Promise<Response> => server.fhir('PUT', 'Subscription/s1', { token, body });
    expect((await write({ ...read, reason: 'by a clerk' })).status).toBe(200);
    expect(await rowsWith(VALUE, KEY)).toEqual([]);
    await weigh();
    const { headers, body } = endpoint.received.at(-1)!;
    expect(headers['authorization']).toBe(`Bearer ${VALUE}`);
    expect(headers['x-signature']).toBe(`sha256=${createHmac('sha256', KEY).update(body).digest('hex')}`);
    const { channel } = read;
    const header = ['Authorization: Bearer of another'];
    const moved = { ...read, channel: { ...channel, endpoint: `${endpoint.url}/thief`, header } };
    expect((await write(moved)).status).toBe(422);
  });

  test('are gone with the Subscription.', async () => {
    const kept = 'select 1 from subscription_secret';
    expect((await delivery.pool.query(kept)).rowCount).toBe(1);
    expect((await server.fhir('DELETE', 'Subscription/s1')).status).toBeLessThan(300);
    expect((await delivery.pool.query(kept)).rowCount).toBe(0);
    const read = subscription({ key: PLACEHOLDER });
    expect((await put(read)).status).toBe(422);
  });
});

test('Versions that were written when they still held secrets are cleaned when an api starts.', async () => {
  expect((await put(subscription())).status).toBeLessThan(300);
  const old = JSON.stringify(subscription({ status: 'active' }));
  const { pool } = delivery;
  await pool.query('delete from subscription_secret');
  await pool.query(`update fhir."Subscription" set content = $1, words = to_tsvector('english', $1)`, [old]);
  await pool.query(`update fhir."Subscription_history" set content = $1 where not deleted`, [old]);
  expect((await rowsWith(VALUE)).sort()).toEqual(['fhir."Subscription"', 'fhir."Subscription_history"']);
  const api = await startSecondApi(server);
  await api.close();
  expect(await rowsWith(VALUE, KEY)).toEqual([]);
  const found = await server.fhir('GET', `Subscription?_content=${VALUE.toLowerCase()}&_total=accurate`);
  expect(await found.json()).toMatchObject({ total: 0 });
  await weigh();
  expect(endpoint.received.at(-1)?.headers['authorization']).toBe(`Bearer ${VALUE}`);
});
