/** What a worker tells a monitoring system over HTTP: a real worker on a real PostgreSQL. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { pinnedNode, root } from '../../../scripts/pinned-node.ts';
import { pickPort } from '../../../scripts/postgres/port.ts';
import { createPool, type Pool } from '../../src/db/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { childEnvironment } from '../support/child-environment.ts';

let database: TestDatabase;
let pool: Pool;
let worker: ChildProcess;
let origin: string;
const dataDir = mkdtempSync(join(tmpdir(), 'dr-assistant-metrics-'));

const ask = (path: string, method = 'GET'): Promise<Response> => fetch(`${origin}${path}`, { method });

beforeAll(async () => {
  database = await createDatabase();
  pool = createPool({ databaseUrl: database.url, databasePoolSize: 2, statementTimeoutMs: 30_000 });
  const port = await pickPort();
  origin = `http://127.0.0.1:${port}`;
  worker = spawn(pinnedNode(), [join(root, 'fhir-server/src/worker.ts')], {
    env: {
      ...childEnvironment,
      DATABASE_URL: database.url,
      DATA_DIR: dataDir,
      COOKIE_SECRET: 'a secret that is long enough for tests',
      LOG_LEVEL: 'silent',
      WORKER_PORT: String(port),
    },
    stdio: 'ignore',
  });
  for (let i = 0; i < 600; i += 1) {
    if (await ask('/readyz').then((r) => r.ok, () => false)) return; // prettier-ignore
    if (worker.exitCode !== null) throw new Error(`the worker ended with ${worker.exitCode}`);
    await sleep(100);
  }
  throw new Error('the worker does not answer');
}, 90_000);

afterAll(async () => {
  if (worker.exitCode === null) {
    const ended = once(worker, 'exit');
    worker.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  }
  await pool.end();
  await database.drop();
  rmSync(dataDir, { recursive: true, force: true });
}, 60_000);

beforeEach(async () => {
  await pool.query('truncate subscription_delivery');
  // Figures of the database are looked up at most once a second.
  await sleep(1_100);
});

/** Not due for as long as the test lasts. */
const insert = (subscription: string, state: string, count: number, ageSeconds = 0): Promise<unknown> =>
  pool.query(
    `insert into subscription_delivery (subscription_id, resource_type, resource_id, version_id, state, next_attempt_at, created_at)
     select $1, 'Patient', 'mrs-smith-' || n, 1, $2, now() + interval '1 day', now() - $4 * interval '1 s'
     from generate_series(1, $3::int) n`,
    [subscription, state, count, ageSeconds],
  );

async function figures(name: string): Promise<Record<string, number>> {
  const text = await (await ask('/metrics')).text();
  return Object.fromEntries(
    text
      .split('\n')
      .filter((line) => new RegExp(`^${name}[{ ]`).test(line))
      .map((line) => [/subscription="([^"]*)"/.exec(line)?.[1] ?? '', Number(line.split(' ').at(-1))]),
  );
}

test('What waits and what was given up is told by Subscription, with the age of the oldest, and nothing of whom it is about.', async () => {
  await insert('s1', 'pending', 3, 120);
  await insert('s1', 'failed', 2);
  await insert('s2', 'pending', 1);
  const answer = await ask('/metrics');
  const text = await answer.text();
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(text).not.toContain('mrs-smith');
  expect(await figures('fhir_deliveries_pending')).toEqual({ s1: 3, s2: 1 });
  expect(await figures('fhir_deliveries_failed')).toEqual({ s1: 2 });
  expect((await figures('fhir_deliveries_oldest_seconds'))['s1']).toBeGreaterThanOrEqual(120);
  expect(await figures('fhir_outbox_events')).toEqual({ '': 0 });
  for (const name of ['fhir_notification_lag_seconds_count{by="topic"}', 'fhir_outbox_batch_seconds_count', 'nodejs_eventloop_lag_seconds'])
    expect(text).toContain(`\n${name} `); // prettier-ignore
});

test('Beyond fifty Subscriptions those with less share one line.', async () => {
  for (let i = 0; i < 53; i += 1) await insert(`s${i}`, 'pending', i < 3 ? 1 : 2);
  const told = await figures('fhir_deliveries_pending');
  expect(Object.keys(told)).toHaveLength(51);
  expect(told['others']).toBe(3);
});

test('Other paths and methods are refused; /livez says that it lives.', async () => {
  expect((await ask('/livez')).status).toBe(200);
  expect((await ask('/')).status).toBe(404);
  expect((await ask('/metrics', 'POST')).status).toBe(405);
});
