/** Bots that are asked to stop, as processes on a real server: work is finished, or taken up by the next process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Bundle, Task } from '@medplum/fhirtypes';
import { exportJWK } from 'jose';
import { childEnvironment } from '../../../fhir-server/test/support/child-environment.ts';
import { startTestDelivery, type TestDelivery } from '../../../fhir-server/test/support/delivery.ts';
import { makeKey, poolOf, provision } from '../../../fhir-server/test/support/oauth-caller.ts';
import { startTestServer, type TestServer } from '../../../fhir-server/test/support/server.ts';
import { until } from '../../../fhir-server/test/support/until.ts';
import { pinnedNode } from '../../../scripts/pinned-node.ts';
import { pickPort } from '../../../scripts/postgres/port.ts';
import { taskSystem } from '../../sdk/index.ts';
import slow from '../fixture/slow/handler.ts';

interface Bots {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  log(): string;
}

let server: TestServer;
let delivery: TestDelivery;
let keyFile: string;
let running: Bots[] = [];

beforeAll(async () => {
  server = await startTestServer({ SUBSCRIPTION_ALLOW_PRIVATE: 'true' });
  delivery = await startTestDelivery(server);
  const { publicJwk, privateKey } = await makeKey('ES384', 'slow');
  keyFile = join(server.dataDir, 'slow-key.json');
  writeFileSync(keyFile, JSON.stringify({ ...(await exportJWK(privateKey)), kid: 'slow', alg: 'ES384' }));
  const pool = poolOf(server);
  await provision(pool, {
    clients: [{ clientId: 'slow', name: 'Slow', scope: slow.scopes.join(' '), jwks: { keys: [publicJwk] } }],
  });
  await pool.end();
}, 60_000);
afterEach(async () => {
  for (const { child } of running) child.kill('SIGKILL');
  await Promise.all(running.map(({ ended }) => ended));
  running = [];
});
afterAll(async () => {
  await delivery.stop();
  await server.close();
}, 30_000);

/** Resolves when it takes notifications. */
async function startBots(env: Readonly<Record<string, string>>): Promise<Bots> {
  const port = await pickPort();
  const child = spawn(pinnedNode(), [resolve(import.meta.dirname, '../../runtime/main.ts')], {
    env: {
      ...childEnvironment,
      FHIR_BASE_URL: server.fhirBase,
      BOTS: '',
      BOT_PATHS: resolve(import.meta.dirname, '../fixture/slow'),
      BOT_PORT: String(port),
      BOT_PRIVATE_KEY_FILE: keyFile,
      BOT_SUBSCRIPTION_SECRET: 'a secret of the tests that is long enough',
      BOT_ANSWER_AFTER_MS: '100',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (log += String(part)));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const bots: Bots = { child, ended, log: () => log };
  running.push(bots);
  await until(async () => {
    if (child.exitCode !== null) throw new Error(log);
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    return answer?.ok === true;
  });
  return bots;
}

async function taskOf(encounter: string): Promise<Task | undefined> {
  const found = await server.fhir(
    'GET',
    `Task?identifier=${taskSystem('slow')}|&focus=Encounter/${encounter}`,
  );
  return ((await found.json()) as Bundle<Task>).entry?.[0]?.resource;
}

/** Resolves when a bot is at work on it. */
async function arrive(encounter: string): Promise<void> {
  const body = { resourceType: 'Encounter', id: encounter, status: 'arrived', class: { code: 'AMB' } };
  expect((await server.fhir('PUT', `Encounter/${encounter}`, { body })).status).toBe(201);
  await until(async () => (await taskOf(encounter))?.status === 'in-progress');
}

test('Work under way is finished before the process ends with 0.', async () => {
  const { child, ended } = await startBots({ slowWorkMs: '2500' });
  await arrive('finished');
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(await taskOf('finished')).toMatchObject({ status: 'completed' });
}, 60_000);

test('What takes longer than BOT_DRAIN_MS is cut off, and taken up by the next process.', async () => {
  const first = await startBots({ slowWorkMs: '600000', BOT_DRAIN_MS: '200' });
  await arrive('cut');
  first.child.kill('SIGTERM');
  expect(await first.ended).toBe(0);
  expect(await taskOf('cut')).toMatchObject({ status: 'in-progress' });
  await startBots({ slowWorkMs: '0', BOT_RESUME_EVERY_MS: '300' });
  await until(async () => (await taskOf('cut'))?.status === 'completed');
}, 90_000);

test('A second signal ends the process at once, with 1, and the work is not lost.', async () => {
  const first = await startBots({ slowWorkMs: '600000', BOT_DRAIN_MS: '600000' });
  await arrive('killed');
  first.child.kill('SIGTERM');
  await until(() => first.log().includes('work under way is finished'));
  // A signal that comes within half a second is the same one.
  await new Promise((done) => setTimeout(done, 700));
  first.child.kill('SIGTERM');
  expect(await first.ended).toBe(1);
  await startBots({ slowWorkMs: '0', BOT_RESUME_EVERY_MS: '300' });
  await until(async () => (await taskOf('killed'))?.status === 'completed');
}, 90_000);
