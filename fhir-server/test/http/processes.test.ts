/** The api as several processes behind one port. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { pinnedNode, root } from '../../../scripts/pinned-node.ts';
import { isPortFree, pickPort } from '../../../scripts/postgres/port.ts';
import { createDatabase } from '../support/database.ts';
import { childEnvironment } from '../support/child-environment.ts';

const cleaning: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleaning.splice(0).reverse()) await clean();
});

async function startProcesses(port: number, env: Record<string, string> = {}): Promise<ChildProcess> {
  const database = await createDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), 'dr-assistant-processes-'));
  const api = spawn(pinnedNode(), [join(root, 'fhir-server/src/api.ts')], {
    env: {
      ...childEnvironment,
      DATABASE_URL: database.url,
      DATA_DIR: dataDir,
      PORT: String(port),
      COOKIE_SECRET: 'a secret that is long enough for tests',
      LOG_LEVEL: 'silent',
      API_PROCESSES: '2',
      ...env,
    },
    stdio: 'ignore',
  });
  cleaning.push(
    () => database.drop(),
    () => rmSync(dataDir, { recursive: true, force: true }),
    async () => {
      if (api.exitCode === null && api.signalCode === null) {
        api.kill('SIGKILL');
        await once(api, 'exit');
      }
    },
  );
  return api;
}

/** The processes that a process has started. */
const copiesOf = (parent: number | undefined): number[] =>
  execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([pid = 0, of]) => (of === parent ? [pid] : []));

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(50))
    if (await holds()) return;
  throw new Error(`not within a minute: ${what}`);
}

const answers = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/readyz`).then(
    (r) => r.ok,
    () => false,
  );

test('Copies serve one port; one that is killed is replaced; SIGTERM ends all.', async () => {
  const port = await pickPort();
  const api = await startProcesses(port);
  await until(() => answers(port), 'the api answers');
  await until(() => copiesOf(api.pid).length === 2, 'two copies run');
  const [victim = 0, other = 0] = copiesOf(api.pid);
  process.kill(victim, 'SIGKILL');
  await until(() => !copiesOf(api.pid).includes(victim), 'the victim is gone');
  // A process that runs may not listen yet, and the kill may take a connection along.
  await until(() => answers(port), 'the other one answers');
  await until(() => copiesOf(api.pid).length === 2, 'the victim is replaced');
  expect(copiesOf(api.pid)).toContain(other);
  await until(() => answers(port), 'the api answers again');
  const ended = once(api, 'exit');
  api.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(await answers(port)).toBe(false);
}, 180_000);

test('Each copy tells its figures at a port of its own.', async () => {
  const port = await pickPort();
  let metricsPort = await pickPort();
  while (metricsPort + 1 === port || !(await isPortFree(metricsPort + 1))) metricsPort = await pickPort();
  const api = await startProcesses(port, { METRICS_PORT: String(metricsPort) });
  const started = async (at: number): Promise<string> => {
    const answer = await fetch(`http://127.0.0.1:${at}/metrics`).catch(() => undefined);
    return /^process_start_time_seconds (\S+)$/m.exec((await answer?.text()) ?? '')?.[1] ?? '';
  };
  await until(async () => (await started(metricsPort + 1)) !== '', 'the second copy tells its figures');
  expect(await started(metricsPort)).not.toBe('');
  const [victim = 0] = copiesOf(api.pid);
  process.kill(victim, 'SIGKILL');
  await until(async () => {
    const [one, two] = [await started(metricsPort), await started(metricsPort + 1)];
    return one !== '' && two !== '' && !copiesOf(api.pid).includes(victim);
  }, 'the copy that replaces one has its port');
}, 180_000);

test('When the copies cannot start, the whole ends with an error.', async () => {
  const port = await pickPort();
  const api = await startProcesses(port, { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' });
  const [code] = (await once(api, 'exit')) as [number];
  expect(code).toBe(1);
}, 180_000);
