/** What an api tells of its requests: to a monitoring system on a port of its own, and to administrators. */
import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pickPort } from '../../../scripts/postgres/port.ts';
import type { ApiFigures } from '../../src/http/index.ts';
import { startAdministration, type Administration } from '../support/admin.ts';

let admin: Administration;
let origin: string;

beforeAll(async () => {
  const port = await pickPort();
  origin = `http://127.0.0.1:${port}`;
  admin = await startAdministration({ METRICS_PORT: String(port) });
}, 60_000);

afterAll(() => admin.close());

const figures = async (): Promise<ApiFigures> =>
  (await admin.asBoss('GET', '/metrics')).body as unknown as ApiFigures;
const prometheus = async (): Promise<string> => (await fetch(`${origin}/metrics`)).text();

/** An answer is counted a moment after its last byte has gone. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 5_000; Date.now() < end; await sleep(20)) if (await holds()) return;
  expect(await holds()).toBe(true);
}

async function counted(interaction: string, status: string): Promise<number> {
  const { requests } = await figures();
  return requests.find((r) => r.interaction === interaction && r.status === status)?.count ?? 0;
}

test('Requests are counted by interaction and class of status, with how long they took.', async () => {
  const { server } = admin;
  const patient = { resourceType: 'Patient', id: 'p1' };
  const bundle = {
    resourceType: 'Bundle',
    type: 'batch',
    entry: [{ request: { method: 'GET', url: 'Patient' } }],
  };
  const asked = [
    ['PUT', 'Patient/p1', patient, 'update 2xx'],
    ['GET', 'Patient/p1', undefined, 'read 2xx'],
    ['HEAD', 'Patient/p1', undefined, 'read 2xx'],
    ['GET', 'Patient/nobody', undefined, 'read 4xx'],
    ['GET', 'Patient/p1/_history/1', undefined, 'vread 2xx'],
    ['GET', 'Patient/p1/_history', undefined, 'history-instance 2xx'],
    ['GET', 'Patient?_count=1', undefined, 'search-type 2xx'],
    ['GET', 'Patient/p1/Observation', undefined, 'search-type 2xx'],
    ['POST', 'Patient', patient, 'create 2xx'],
    ['POST', 'Patient/$validate', patient, '$validate 2xx'],
    ['GET', 'metadata', undefined, 'capabilities 2xx'],
    ['POST', '', bundle, 'batch 2xx'],
    ['DELETE', 'Patient/p1', undefined, 'delete 2xx'],
  ] as const;
  for (const [method, path, body] of asked) {
    const answer = await server.fhir(method, path, body === undefined ? {} : { body });
    await answer.arrayBuffer();
  }
  for (const [name, wanted] of Map.groupBy(asked, ([, , , as]) => as)) {
    const [interaction = '', status = ''] = name.split(' ');
    await until(async () => (await counted(interaction, status)) >= wanted.length);
  }
  const { requests, bounds } = await figures();
  for (const { count, buckets } of requests) {
    expect(buckets).toHaveLength(bounds.length + 1);
    expect(buckets.at(-1)).toBe(count);
    expect(buckets).toEqual(buckets.toSorted((a, b) => a - b));
  }
  const text = await prometheus();
  expect(text).toMatch(/^fhir_request_seconds_count\{interaction="read",status="4xx"\} 1$/m);
  expect(text).toMatch(/^fhir_database_connections\{state="total"\} \d+$/m);
  expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
});

test('Whatever is asked for, no address, id or query becomes a label, and there are only so many.', async () => {
  const { server } = admin;
  const before = await counted('unknown', '4xx');
  const paths = [
    'Alvarez',
    'Patient/$alvarez',
    '$alvarez',
    'Patient?family=Alvarez',
    'Patient/alvarez',
    'Alvarez/1/x/y/z',
    '%E0%A4%A',
  ];
  for (const path of paths) await (await server.fhir('GET', path)).arrayBuffer();
  for (const method of ['PROPFIND', 'SEARCH', 'OPTIONS'])
    await (await server.fhir(method, 'Patient')).arrayBuffer();
  for (const path of ['/alvarez', '/oauth2/alvarez', '/admin/alvarez', '/apps/alvarez', '/app-state/alvarez'])
    await (await fetch(server.baseUrl + path)).arrayBuffer();
  await until(async () => (await counted('unknown', '4xx')) >= before + 5);
  const text = (await prometheus()) + JSON.stringify(await figures());
  expect(text).not.toMatch(/alvarez/i);
  const names = (await figures()).requests.map(({ interaction }) => interaction);
  expect(names).toEqual(expect.arrayContaining(['oauth2', 'admin', 'apps', 'app-state', 'other', 'unknown']));
});

test('A client that does not wait is counted as aborted, and is in flight no more.', async () => {
  const body = JSON.stringify({ resourceType: 'Patient' });
  const { fhirBase } = admin.server;
  const token = await admin.server.token('system/*.cruds');
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json', 'content-length': body.length + 10 }; // prettier-ignore
  const request = httpRequest(`${fhirBase}/Patient`, { method: 'POST', headers });
  request.on('error', () => undefined).write(body);
  // The question itself is in flight as well.
  await until(async () => (await figures()).inFlight >= 2);
  request.destroy();
  await until(async () => (await counted('create', 'aborted')) === 1);
  await until(async () => (await figures()).inFlight === 1);
});

test('The figures are for those who may administer, and the port of the monitoring system has nothing else.', async () => {
  const { server, call, tokens } = admin;
  expect((await call(undefined, 'GET', '/metrics')).status).toBe(401);
  for (const token of [tokens.clerk, await server.token('system/*.cruds')])
    expect((await call(token, 'GET', '/metrics')).status).toBe(403);
  expect((await call(tokens.robot, 'GET', '/metrics')).status).toBe(200);
  expect(await figures()).toMatchObject({
    process: process.pid,
    processes: 1,
    pool: { total: expect.any(Number) as unknown, idle: expect.any(Number) as unknown, waiting: 0 },
    eventLoopDelay: { p99Ms: expect.any(Number) as unknown },
    memory: { rssBytes: expect.any(Number) as unknown },
  });
  expect((await fetch(`${server.baseUrl}/metrics`)).status).toBe(404);
  const answers = ['/livez', '/readyz', '/metrics', '/fhir/R4/Patient'].map((path) => fetch(origin + path));
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200, 404]);
});
