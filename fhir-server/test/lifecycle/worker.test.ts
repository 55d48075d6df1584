/** Workers as processes: what one that is asked to stop does with its deliveries, and what it tells of them to a collector. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Pool } from '../../src/db/index.ts';
import { type Collector, startCollector, tracedBy } from '../support/collector.ts';
import { poolOf } from '../support/oauth-caller.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { subscription, topic } from '../support/topic.ts';
import { until } from '../support/until.ts';
import { type ServerProcess, startServerProcess } from './api-process.ts';

/** One notification as it came; it is answered when the test says so. */
interface Notified {
  readonly id: string;
  readonly request: IncomingMessage;
  readonly body: string;
  readonly response: ServerResponse;
}

let server: TestServer;
let pool: Pool;
let endpoint: Server;
let url: string;
let workers: ServerProcess[] = [];
let notified: Notified[] = [];
/** Of the resource, whether the endpoint answers. */
let isAnswered: (id: string) => boolean = () => true;

beforeAll(async () => {
  server = await startTestServer({ SUBSCRIPTION_ALLOW_PRIVATE: 'true' });
  pool = poolOf(server);
  endpoint = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const id = /"id":\s*"(d\d+)"/.exec(body)?.[1] ?? '';
      const isTaken = isAnswered(id);
      notified.push({ id, request, body, response });
      if (isTaken) response.end();
    });
  });
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/hook`;
}, 60_000);
beforeEach(() => {
  notified = [];
  isAnswered = () => true;
});
afterEach(async () => {
  await server.fhir('DELETE', 'Subscription/s1');
  await Promise.all(workers.map((one) => one.stop()));
  workers = [];
}, 30_000);
afterAll(async () => {
  endpoint.closeAllConnections();
  endpoint.close();
  await pool.end();
  await server.close();
}, 30_000);

async function startWorker(env: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  const worker = await startServerProcess(
    {
      DATABASE_URL: server.databaseUrl,
      DATA_DIR: server.dataDir,
      BASE_URL: server.baseUrl,
      SUBSCRIPTION_ALLOW_PRIVATE: 'true',
      SUBSCRIPTION_CONCURRENCY: '1',
      SUBSCRIPTION_POLL_MS: '50',
      // What is not given back is not sent again within this test.
      SUBSCRIPTION_LEASE_MS: '600000',
      ...env,
    },
    { entry: 'worker.ts' },
  );
  workers.push(worker);
  await worker.ready();
  return worker;
}

const put = async (path: string, body: object, headers = {}): Promise<void> => {
  const answer = await server.fhir('PUT', path, { body: { ...body, id: path.split('/')[1] }, headers });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
};
const byCriteria = () => ({
  resourceType: 'Subscription',
  status: 'requested',
  reason: 'a test',
  criteria: 'Patient?active=true',
  channel: { type: 'rest-hook', endpoint: url, payload: 'application/fhir+json' },
});
const COUNT = 8;
const IDS = Array.from({ length: COUNT }, (_, n) => `d${n}`);

/** A worker that has leased several deliveries, of which one is under way. */
async function busyWorker(
  env: Readonly<Record<string, string>> = {},
): Promise<{ worker: ServerProcess; first: Notified }> {
  isAnswered = () => false;
  await put('Subscription/s1', byCriteria());
  const worker = await startWorker(env);
  for (const id of IDS) await put(`Patient/${id}`, { resourceType: 'Patient', active: true });
  await until(async () => {
    const { rows } = await pool.query<{ leased: number }>(
      'select count(*)::int as leased from subscription_delivery where lease is not null',
    );
    return rows[0]!.leased > 1 && notified.length === 1;
  });
  isAnswered = () => true;
  return { worker, first: notified[0]! };
}

test('A worker that is asked to stop gives back what it has not begun, which another sends at once, and finishes the rest.', async () => {
  const { worker, first } = await busyWorker();
  await startWorker();
  worker.child.kill('SIGTERM');
  await until(() => notified.length === COUNT);
  expect(worker.child.exitCode).toBeNull();
  first.response.end();
  expect(await worker.ended).toBe(0);
  await until(async () => (await pending()) === 0);
  expect(notified.map(({ id }) => id).sort()).toEqual(IDS);
}, 120_000);

test('What is under way for longer than WORKER_DRAIN_MS is cut off, and sent by another at once.', async () => {
  const { worker, first } = await busyWorker({ WORKER_DRAIN_MS: '300' });
  await startWorker();
  worker.child.kill('SIGTERM');
  expect(await worker.ended).toBe(0);
  await until(async () => (await pending()) === 0);
  expect(notified.filter(({ id }) => id === first.id)).toHaveLength(2);
  expect(new Set(notified.map(({ id }) => id))).toEqual(new Set(IDS));
  // An attempt that was cut off is nobody's fault.
  const { rows } = await pool.query('select from subscription_delivery where last_error is not null');
  expect(rows).toEqual([]);
}, 120_000);

const pending = async (): Promise<number> => {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int as count from subscription_delivery where state = 'pending'`,
  );
  return rows[0]!.count;
};

test('A notification by topic belongs to the trace of the write.', async () => {
  const collector: Collector = await startCollector();
  try {
    const traced = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
    const api = await startServerProcess({
      DATABASE_URL: server.databaseUrl,
      DATA_DIR: server.dataDir,
      BASE_URL: server.baseUrl,
      ...tracedBy(collector),
    });
    workers.push(api);
    await Promise.all([api.ready(), startWorker(tracedBy(collector))]);
    await put('Basic/finished', topic());
    await put('Subscription/s1', subscription(url));
    await until(() => notified.length === 1);
    // Nobody wrote what a handshake tells of.
    expect(notified[0]!.request.headers['traceparent']).toBeUndefined();
    const body = { resourceType: 'Encounter', id: 'd1', status: 'finished', class: { code: 'AMB' } };
    const answer = await fetch(`http://localhost:${api.port}/fhir/R4/Encounter/d1`, {
      method: 'PUT',
      headers: { Authorization: `Bearer ${await server.token('system/*.cruds')}`, 'Content-Type': 'application/fhir+json', ...traced }, // prettier-ignore
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(201);
    await until(() => notified.length === 2);
    const span = await collector.find('the notification', ({ name }) => name === 'notify by rest-hook');
    expect(span).toMatchObject({
      service: 'dr-assistant-worker',
      traceId: '0af7651916cd43dd8448eb211c80319c',
    });
    expect(notified[1]!.request.headers['traceparent']).toBe(`00-${span.traceId}-${span.spanId}-01`);
    expect(span.attributes).toEqual({ 'fhir.subscription.attempt': expect.anything(), 'fhir.subscription.events': expect.anything() }); // prettier-ignore
  } finally {
    await collector.close();
  }
}, 120_000);
