/**
 * How fast a bulk export is, and what the worker needs for it: `node scripts/bench/bulk.ts [copies]`, with so many copies of
 * the Synthea bundles (2 unless said otherwise). Its PostgreSQL is deleted in the end.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../pinned-node.ts';
import { startProcess, stopProcesses } from './processes.ts';
import { startSystem, type System } from './system.ts';
import { readSynthea } from './synthea-bundles.ts';

const POLL_MS = 20;

interface Manifest {
  readonly output: readonly { readonly url: string; readonly count: number }[];
}

const headersOf = async (system: System): Promise<Record<string, string>> => ({
  Authorization: `Bearer ${await system.token()}`,
  'Content-Type': 'application/fhir+json',
});

async function store(system: System, text: string): Promise<void> {
  const headers = { ...(await headersOf(system)), Prefer: 'return=minimal' };
  const response = await fetch(`${system.origin}/fhir/R4`, { method: 'POST', headers, body: text });
  if (response.status !== 200) throw new Error(`${response.status} ${(await response.text()).slice(0, 500)}`);
  await response.text();
}

/** A Group of all patients. */
async function storeGroup(system: System): Promise<void> {
  const { rows } = await system.database.query<{ id: string }>('select id from fhir."Patient"');
  const member = rows.map(({ id }) => ({ entity: { reference: `Patient/${id}` } }));
  const resource = { resourceType: 'Group', id: 'all', type: 'person', actual: true, member };
  const request = { method: 'PUT', url: 'Group/all' };
  await store(
    system,
    JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: [{ resource, request }] }),
  );
}

async function measure(system: System, path: string): Promise<void> {
  const headers = await headersOf(system);
  const begin = performance.now();
  const started = await fetch(`${system.origin}/fhir/R4/${path}`, {
    headers: { ...headers, Prefer: 'respond-async' },
  });
  const status = started.headers.get('content-location');
  if (status === null) throw new Error(`${started.status} ${await started.text()}`);
  for (;;) {
    const response = await fetch(status, { headers });
    if (response.status === 202) {
      await response.text();
      await sleep(POLL_MS);
      continue;
    }
    const seconds = (performance.now() - begin) / 1_000;
    const { output } = (await response.json()) as Manifest;
    const count = output.reduce((sum, file) => sum + file.count, 0);
    let bytes = 0;
    const fetching = performance.now();
    for (const { url } of output) bytes += (await (await fetch(url, { headers })).arrayBuffer()).byteLength;
    const megabytes = bytes / 2 ** 20;
    const fetched = megabytes / ((performance.now() - fetching) / 1_000);
    console.log(
      `${path}: ${count} resources, ${megabytes.toFixed(0)} MB in ${seconds.toFixed(1)} s, ` +
        `${Math.round(count / seconds)} a second; fetched with ${Math.round(fetched)} MB/s`,
    );
    return;
  }
}

/** Most memory so far, in MB. */
const peak = (pid: number): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024;

const copies = Number(process.argv[2] ?? 2);
const shared = process.env['DR_ASSISTANT_SHARED'] ?? join(root, '..', 'shared');
const synthea = readSynthea(join(shared, 'synthea'));
const home = join(root, 'bench-results', `bulk-${process.pid}`);
const system = await startSystem(home, undefined);
try {
  await store(system, synthea.prerequisites.text);
  for (let copy = 0; copy < copies; copy += 1)
    for (const { text } of synthea.patients(copy)) await store(system, text);
  await storeGroup(system);
  await system.database.query('analyze');
  const worker = await startProcess(
    ['fhir-server/src/worker.ts'],
    {
      DATABASE_URL: system.databaseUrl,
      DATA_DIR: join(home, 'api'),
      BASE_URL: system.origin,
      COOKIE_SECRET: 'a secret of the bench that is long enough',
      LOG_LEVEL: 'error',
    },
    `${system.origin}/readyz`,
  );
  await sleep(3_000);
  const before = Math.round(peak(worker.pid));
  for (const path of [
    '$export',
    'Patient/$export',
    'Group/all/$export',
    'Group/all/$export?_type=Patient,Observation',
  ])
    await measure(system, path);
  console.log(`memory of the worker: ${before} MB before, at most ${Math.round(peak(worker.pid))} MB`);
} finally {
  await stopProcesses();
  await system.stop();
  rmSync(home, { recursive: true, force: true });
}
