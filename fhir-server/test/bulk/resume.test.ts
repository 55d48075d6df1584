/** A worker that is killed in the middle of an export: another one ends it, and nothing is missing or there twice. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pinnedNode, root } from '../../../scripts/pinned-node.ts';
import { createPool, type Pool } from '../../src/db/index.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { ask, kickOff, lines, type Manifest, poll } from '../support/bulk.ts';
import { searcher, type Sent } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { childEnvironment } from '../support/child-environment.ts';

let server: TestServer;
let pool: Pool;
const workers: ChildProcess[] = [];

const PATIENTS = 120;

beforeAll(async () => {
  server = await startTestServer();
  pool = createPool(loadConfig({ DATABASE_URL: server.databaseUrl, COOKIE_SECRET: 'x'.repeat(32) }));
  const all = Array.from({ length: PATIENTS }, (_, i) => i);
  await searcher(server).store(
    ...all.map((i): Sent => ({ resourceType: 'Patient', id: `p${i}`, generalPractitioner: [{ reference: `Practitioner/d${i % 50}` }] })),
    ...all.map((i): Sent => ({ resourceType: 'Observation', id: `o${i}`, status: 'final', code: { text: 'x' }, subject: { reference: `Patient/p${i}` } })),
    ...all.slice(0, 50).map((i): Sent => ({ resourceType: 'Practitioner', id: `d${i}` })),
  ); // prettier-ignore
}, 30_000);
afterAll(async () => {
  for (const worker of workers) await kill(worker);
  await pool.end();
  await server.close();
});

function startWorker(pauseMs: number): ChildProcess {
  const worker = spawn(pinnedNode(), [join(root, 'fhir-server/src/worker.ts')], {
    env: {
      ...childEnvironment,
      DATABASE_URL: server.databaseUrl,
      DATA_DIR: server.dataDir,
      BASE_URL: server.baseUrl,
      COOKIE_SECRET: 'a secret that is long enough for tests',
      LOG_LEVEL: 'silent',
      BULK_BATCH_SIZE: '10',
      BULK_FILE_ROWS_MAX: '40',
      BULK_LEASE_MS: '500',
      BULK_POLL_MS: '50',
      BULK_SETTLE_MS: '50',
      BULK_PAUSE_MS: String(pauseMs),
    },
    stdio: 'ignore',
  });
  workers.push(worker);
  return worker;
}

async function kill(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  worker.kill('SIGKILL');
  await once(worker, 'exit');
}

const filesDone = async (): Promise<number> => {
  const { rows } = await pool.query<{ n: number }>('select count(*) as n from bulk.file');
  return rows[0]?.n ?? 0;
};

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(10))
    if (await holds()) return;
  throw new Error('not within a minute');
}

test('An export whose worker is killed twice is complete, without duplicates, and has no half file.', async () => {
  const started = await kickOff(server, 'Patient/$export');
  const status = started.headers.get('content-location') ?? '';
  // Among the patients, and then in the middle of what they refer to.
  for (const files of [2, 6]) {
    const worker = startWorker(25);
    await until(async () => (await filesDone()) >= files);
    await sleep(40);
    await kill(worker);
    expect((await ask(server, status)).status).toBe(202);
  }
  startWorker(0);
  const answer = await poll(server, status);
  expect(answer.status).toBe(200);
  const manifest = (await answer.json()) as Manifest;
  const names = (await lines(server, manifest.output)).map(({ resourceType, id }) => `${resourceType}/${id}`);
  const ids = (type: string, letter: string, n: number) =>
    Array.from({ length: n }, (_, i) => `${type}/${letter}${i}`);
  const wanted = [...ids('Patient', 'p', PATIENTS), ...ids('Observation', 'o', PATIENTS), ...ids('Practitioner', 'd', 50)]; // prettier-ignore
  expect(names.sort()).toEqual(wanted.sort());
  const listed = new Set(manifest.output.map(({ url }) => `${url.slice(-32)}.ndjson`));
  const folder = join(server.dataDir, 'bulk', status.slice(-32));
  const whole = readdirSync(folder).filter((file) => file.endsWith('.ndjson'));
  for (const file of listed) expect(whole).toContain(file);
}, 180_000);
