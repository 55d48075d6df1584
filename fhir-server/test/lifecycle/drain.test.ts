/** An api that is asked to stop: nobody's request fails, and it does stop. */
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { balance } from '../support/balance.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { connect } from '../support/socket.ts';
import {
  isReady,
  provisionClient,
  requestToken,
  type ServerProcess,
  startServerProcess,
} from './api-process.ts';
import { startKeepAliveLoad } from './keep-alive-load.ts';

const PATIENCE_MS = 30_000;
/** A second signal within this time counts as the first one. */
const APART_MS = 700;

let database: TestDatabase;
let home: string;
let processes: ServerProcess[] = [];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'dr-assistant-drain-'));
  database = await createDatabase();
  await provisionClient(database.url);
});
afterEach(async () => {
  await Promise.all(processes.map((one) => one.stop()));
  processes = [];
});
afterAll(async () => {
  await database?.drop();
  rmSync(home, { recursive: true, force: true });
});

async function start(env: Readonly<Record<string, string>>): Promise<ServerProcess> {
  const base = { DATABASE_URL: database.url, DATA_DIR: home, BASE_URL: 'http://localhost:8103' };
  const api = await startServerProcess({ ...base, ...env });
  processes.push(api);
  await api.ready();
  return api;
}

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; !(await holds()); await sleep(20))
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
}

/** A Binary whose second half is not sent yet; the api has the first. */
async function beginUpload({ port }: ServerProcess, token: string) {
  const upload: ClientRequest = request({
    ...{ port, host: '127.0.0.1', method: 'POST', path: '/fhir/R4/Binary' },
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/pdf', 'Content-Length': '20000', Expect: '100-continue' }, // prettier-ignore
  });
  const answered = once(upload, 'response').then(([response]) => (response as IncomingMessage).resume());
  answered.catch(() => undefined);
  upload.flushHeaders();
  await once(upload, 'continue');
  upload.write(Buffer.alloc(10_000, 'a'));
  return { answered, finish: () => upload.end(Buffer.alloc(10_000, 'b')) };
}

test('Of two behind a balancer one is asked to stop under load: it is not ready at once, serves on meanwhile, and no request fails.', async () => {
  const [a, b] = await Promise.all([start({ DRAIN_DELAY_MS: '1500' }), start({ DRAIN_DELAY_MS: '1500' })]);
  const token = await requestToken(a.port);
  const ready = new Map([[a.port, true], [b.port, true]]); // prettier-ignore
  const looking = setInterval(() => {
    for (const { port } of [a, b]) void isReady(port).then((is) => ready.set(port, is));
  }, 50);
  const balancer = await balance([a.port, b.port], (port) => ready.get(port) === true);
  const socket = await connect(`http://127.0.0.1:${a.port}`);
  try {
    const load = startKeepAliveLoad([balancer.port], token, 8);
    await until(() => load.succeeded() > 60, 'a load');
    a.child.kill('SIGTERM');
    await until(async () => !(await isReady(a.port)), 'not ready');
    const late = await fetch(`http://127.0.0.1:${a.port}/fhir/R4/metadata`);
    expect([late.status, late.headers.get('connection')]).toEqual([200, 'close']);
    await late.arrayBuffer();
    expect(await a.ended).toBe(0);
    expect(await socket.closed()).toEqual([1001, 'the server is stopping']);
    const before = load.succeeded();
    await until(() => load.succeeded() > before + 60, 'the other one');
    await load.stop();
    expect(load.failures).toEqual([]);
  } finally {
    clearInterval(looking);
    balancer.close();
    socket.socket.terminate();
  }
}, 240_000);

test('An upload under way is finished, and its connection closed, before the api ends with 0.', async () => {
  const api = await start({ DRAIN_MS: '30000' });
  const upload = await beginUpload(api, await requestToken(api.port));
  api.child.kill('SIGTERM');
  await until(() => fetch(`http://127.0.0.1:${api.port}/livez`).then(() => false, () => true), 'no more connections'); // prettier-ignore
  expect(api.child.exitCode).toBeNull();
  upload.finish();
  const { statusCode, headers } = await upload.answered;
  expect([statusCode, headers.connection]).toEqual([201, 'close']);
  expect(await api.ended).toBe(0);
}, 200_000);

test('What is not finished within DRAIN_MS is cut off.', async () => {
  const api = await start({ DRAIN_MS: '300' });
  const { answered } = await beginUpload(api, await requestToken(api.port));
  api.child.kill('SIGTERM');
  await expect(answered).rejects.toThrow();
  expect(await api.ended).toBe(0);
}, 200_000);

test('A second SIGTERM ends it at once, with 1.', async () => {
  const api = await start({ DRAIN_MS: '600000' });
  const { answered } = await beginUpload(api, await requestToken(api.port));
  api.child.kill('SIGTERM');
  await sleep(APART_MS);
  expect(api.child.exitCode).toBeNull();
  api.child.kill('SIGTERM');
  expect(await api.ended).toBe(1);
  await expect(answered).rejects.toThrow();
}, 200_000);
