/** The embedded PostgreSQL through first starts, kill -9, stale lock files and busy ports. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { existingClusterFolder, startEmbeddedPostgres, type EmbeddedPostgres } from '../embedded-postgres.ts';
import { pinnedNode } from '../pinned-node.ts';
import { stagingRoot } from '../postgres/binaries.ts';
import { isAlive } from '../postgres/previous-run.ts';

let parent: string;
let folder: string;
let started: EmbeddedPostgres[];

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'dr-assistant-cluster-'));
  folder = join(parent, 'data');
  started = [];
});

afterEach(async () => {
  for (const postgres of started) await postgres.stop();
  const cluster = existingClusterFolder(folder);
  if (cluster?.startsWith(stagingRoot) === true) rmSync(dirname(cluster), { recursive: true, force: true });
  rmSync(parent, { recursive: true, force: true });
});

async function start(port?: number): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ folder, ...(port === undefined ? {} : { port }) });
  started.push(postgres);
  return postgres;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

function postmaster(dataDir: string): number {
  return Number(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
}

/** Runs the server under another process and resolves with both, for killing. */
async function hold() {
  const fixture = join(import.meta.dirname, 'fixture', 'hold-postgres.ts');
  const child = spawn(pinnedNode(), [fixture, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, url };
}

test('Data stay when the server is stopped and started again, with fsync on.', async () => {
  const first = await start();
  await query(first.url, 'create table kept as select 42 as answer');
  await first.stop();
  const second = await start();
  expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  expect(await query(second.url, 'show fsync')).toEqual([{ fsync: 'on' }]);
});

test('Clusters that are started at the same moment find ports of their own.', async () => {
  const folders = [folder, join(parent, 'second'), join(parent, 'third')];
  const all = await Promise.all(folders.map((own) => startEmbeddedPostgres({ folder: own })));
  started.push(...all);
  expect(new Set(all.map((postgres) => postgres.port)).size).toBe(3);
}, 60_000);

test('The password file can be read by its owner only.', async () => {
  await start();
  expect(statSync(join(folder, 'postgres-password')).mode & 0o077).toBe(0);
});

test('The server ends soon after the process that started it is killed with SIGKILL.', async () => {
  const { child } = await hold();
  const pid = postmaster(existingClusterFolder(folder) ?? '');
  child.kill('SIGKILL');
  for (let waited = 0; waited < 100 && isAlive(pid); waited += 1)
    await new Promise((done) => setTimeout(done, 100));
  expect(isAlive(pid)).toBe(false);
}, 60_000);

test('What was committed before kill -9 of supervisor and server is there at the next start.', async () => {
  const { child, url } = await hold();
  await query(url, 'create table kept as select 1 as one');
  process.kill(postmaster(existingClusterFolder(folder) ?? ''), 'SIGKILL');
  child.kill('SIGKILL');
  const again = await start();
  expect(await query(again.url, 'select one from kept')).toEqual([{ one: 1 }]);
}, 60_000);

test('A lock file that names a stranger’s process does not prevent a start.', async () => {
  const first = await start();
  const lockFile = join(first.dataDir, 'postmaster.pid');
  const lock = readFileSync(lockFile, 'utf8');
  await first.stop();
  writeFileSync(lockFile, lock.replace(/^\d+/, String(process.pid)));
  const again = await start();
  expect(await query(again.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('A configured port that another program uses is reported with the setting to change.', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await expect(start(port)).rejects.toThrow(`Port ${port} is in use by another program. Set DATABASE_PORT`);
  other.close();
});
