/** `npm run bench`: how fast the server is on this machine, beside two ceilings measured in the same run. */
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { cleanUpOnInterrupt, removeCluster, untilInterruptEnds } from './bench/interrupt.ts';
import { joinBundles, measureBigBundle } from './bench/big-bundle.ts';
import { measure, type Measurement } from './bench/measure.ts';
import { benchNotifications } from './bench/notifications.ts';
import { benchOverload } from './bench/overload.ts';
import { positive, readOptions } from './bench/options.ts';
import { pickPort } from './postgres/port.ts';
import { startLoadGenerator, startProcess } from './bench/processes.ts';
import { measureRawInsert } from './bench/raw-insert.ts';
import { measureRights, ofClinic, rightsTokens } from './bench/rights.ts';
import { type Row, table } from './bench/report.ts';
import { readSynthea } from './bench/synthea-bundles.ts';
import { startSystem, type System } from './bench/system.ts';
import { loadIcd10cm, terminologyWorkloads } from './bench/terminology.ts';
import { mixed, readWorkloads, writeWorkloads } from './bench/workloads.ts';
import { measureWriteCost } from './bench/write-cost.ts';
import { root } from './pinned-node.ts';

const USAGE = `npm run bench -- [options]
  --quick            60 Synthea bundles only, in shorter measurements
  --million          copies of them up to a million resources, after those up to 100,000
  --rights           reads only, by accounts with and without limits to their rights
  --notifications    rate and lag of the notifications of Subscriptions only, under three minutes
  --overload         up to five times what can be answered arrives, only, under two minutes
  --concurrency n    of the worker that sends them (its own default)
  --only a,b         workloads whose names contain one of these
  --connections n    connections of the load generator (16)
  --keep folder      the database stays in this folder and is used again
  --profile folder   a CPU profile of api is left there
  --out file         where the figures go (bench-results/<time>.json)`;

const options = readOptions(USAGE, {
  quick: { type: 'boolean', default: false },
  million: { type: 'boolean', default: false },
  rights: { type: 'boolean', default: false },
  notifications: { type: 'boolean', default: false },
  overload: { type: 'boolean', default: false },
  concurrency: { type: 'string' },
  only: { type: 'string' },
  keep: { type: 'string' },
  profile: { type: 'string' },
  out: { type: 'string' },
  connections: { type: 'string', default: '16' },
});
const connections = positive(USAGE, 'connections', options.connections);
const wanted = (name: string): boolean =>
  options.only === undefined || options.only.split(',').some((part) => name.includes(part));

if (options.notifications) {
  await benchNotifications({
    ...(options.quick ? { backlog: 2_000, steadySeconds: 5 } : { backlog: 10_000, steadySeconds: 20 }),
    concurrency: options.concurrency,
    profileDir: options.profile === undefined ? undefined : resolve(options.profile),
    wanted,
  });
  process.exit(0);
}

const shared = resolve(process.env['DR_ASSISTANT_SHARED'] ?? join(root, '..', 'shared'));
const folder = join(shared, 'synthea');
if (!existsSync(folder)) {
  console.error(
    `The bench needs the Synthea bundles in ${folder}; DR_ASSISTANT_SHARED names another folder.`,
  );
  process.exit(1);
}

const seconds = options.quick ? { durationMs: 2_000, warmUpMs: 500 } : { durationMs: 6_000, warmUpMs: 2_000 };
const BUNDLE_CONNECTIONS = 4;
const BIG_BUNDLE_COPY = 1_000;
/** The server's own limit. */
const BUNDLE_ENTRIES_MAX = 20_000;
const rows: Row[] = [];
const add = (row: Row): void => {
  rows.push(row);
  console.log(table([row]).split('\n')[2]);
};

const synthea = readSynthea(folder);
if (options.overload) {
  await benchOverload({
    synthea,
    ...(options.quick ? seconds : { durationMs: 12_000, warmUpMs: 3_000 }),
    profileDir: options.profile === undefined ? undefined : resolve(options.profile),
  });
  process.exit(0);
}
const home =
  options.keep === undefined ? mkdtempSync(join(tmpdir(), 'dr-assistant-bench-')) : resolve(options.keep);
cleanUpOnInterrupt(home, options.keep === undefined);
const load = startLoadGenerator();
const system = await start();
const measurement: Measurement = { system, load, connections, ...seconds };
try {
  console.log(table([]));
  add({ scale: '', work: 'first start, ms', perSecond: system.firstStartMs, errors: 0 });
  add({ scale: '', work: 'cold start, ms', perSecond: system.coldStartMs, errors: 0 });
  if (wanted('validation and indexing'))
    for (const row of measureWriteCost([synthea.prerequisites, ...synthea.patients(0)])) add(row);
  if (wanted('terminology')) await terminology();
  let copies =
    (await count('Patient')) === 0 ? 0 : Math.round((await count('Patient')) / synthea.patientCount);
  if (copies === 0) await sendBundles('', [synthea.prerequisites], false);
  const scales = [
    { name: '60 bundles', copies: 1 },
    ...(options.quick ? [] : [{ name: '100 k', copies: Math.ceil(100_000 / synthea.resourceCount) }]),
    ...(options.million ? [{ name: '1 M', copies: Math.ceil(1_000_000 / synthea.resourceCount) }] : []),
  ];
  for (const scale of scales) {
    if (copies > scale.copies) continue;
    await loadTo(scale.name, scale.copies);
    await system.database.query('vacuum analyze');
    await size(scale.name);
    await workloads(scale.name);
    if (wanted('one large Bundle')) await bigBundle(scale.name);
  }
  console.log(`\n${table(rows)}`);
  const out = resolve(
    options.out ?? join(root, 'bench-results', `${new Date().toISOString().replaceAll(':', '-')}.json`),
  );
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, JSON.stringify({ node: process.version, options, rows }, undefined, 2));
  console.log(`\nwritten to ${out}`);

  async function loadTo(scale: string, wantedCopies: number): Promise<void> {
    const sent: Row[] = [];
    for (; copies < wantedCopies; copies += 1)
      sent.push(...(await sendBundles(scale, [...synthea.patients(copies)], copies === 0)));
    const last = sent.at(-1);
    if (last === undefined) return;
    // All copies are of the same size.
    const seconds = sent.reduce((sum, row) => sum + 1 / row.perSecond, 0);
    const errors = sent.reduce((sum, row) => sum + row.errors, 0);
    add({
      ...last,
      perSecond: sent.length / seconds,
      errors,
      note: `${sent.length} copies; the last one's times`,
    });
  }
} finally {
  await untilInterruptEnds();
  await load.stop();
  await system.stop();
  if (options.keep === undefined) removeCluster(home);
}

async function start(): Promise<System> {
  try {
    const started = await startSystem(
      home,
      options.profile === undefined ? undefined : resolve(options.profile),
    );
    // A connection that breaks fails the statement on it; an idle one must not end the process.
    started.database.on('error', () => undefined);
    return started;
  } catch (error) {
    await untilInterruptEnds();
    throw error;
  }
}

async function count(type: string): Promise<number> {
  const { rows: found } = await system.database.query<{ exists: boolean }>(
    'select to_regclass($1) is not null as exists',
    [`fhir."${type}"`],
  );
  if (found[0]?.exists !== true) return 0;
  return Number(
    (await system.database.query<{ n: string }>(`select count(*) as n from fhir."${type}"`)).rows[0]?.n,
  );
}

/** The first copy is compared with the raw insert of the same rows; others are given back to be summed up. */
async function sendBundles(
  scale: string,
  bundles: readonly { text: string; resources: number }[],
  isCompared: boolean,
): Promise<Row[]> {
  const requests = bundles.map(({ text }) => ({
    method: 'POST' as const,
    path: '/fhir/R4',
    body: options.rights ? ofClinic(text) : text,
    headers: { prefer: 'return=minimal' },
  }));
  const resources = bundles.reduce((sum, b) => sum + b.resources, 0);
  const all = { ...measurement, connections: BUNDLE_CONNECTIONS, durationMs: 0, warmUpMs: 0 };
  const row = await measure(
    all,
    { name: 'Synthea bundles, resources', requests, expected: [200], reference: 143 },
    scale,
    resources,
  );
  if (scale === '') return [];
  if (!isCompared) return [row];
  const raw = await measureRawInsert(system.databaseUrl);
  const ceiling = raw.resources / raw.seconds;
  add({ ...row, ofCeiling: row.perSecond / ceiling });
  add({ scale, work: 'ceiling: raw insert, resources', perSecond: ceiling, errors: 0 });
  return [];
}

async function size(scale: string): Promise<void> {
  const { rows: [found] } = await system.database.query<{ bytes: string; resources: string }>(`
    select sum(pg_total_relation_size(t.oid)) as bytes, sum(t.reltuples) filter (where t.relname !~ '_') as resources
    from pg_class t join pg_namespace n on n.oid = t.relnamespace where n.nspname = 'fhir' and t.relkind = 'r' and t.relname ~ '^[A-Z]'`); // prettier-ignore
  const perResource = Number(found?.bytes) / Number(found?.resources);
  add({
    scale,
    work: 'bytes per resource',
    perSecond: perResource,
    errors: 0,
    note: `${found?.resources} resources`,
  });
}

async function workloads(scale: string): Promise<void> {
  const reads = await readWorkloads(system.database);
  if (options.rights) {
    const tokens = await rightsTokens(system);
    for (const workload of reads.filter(({ name }) => wanted(name)))
      for (const row of await measureRights(measurement, workload, scale, tokens)) add(row);
    return;
  }
  const writes = await writeWorkloads(system.database, await system.token());
  let passthrough: number | undefined;
  const read = reads.find((w) => w.ceiling === 'passthrough');
  if (read && wanted(read.name)) passthrough = await ceilingOf(scale, read);
  for (const workload of [...reads, ...writes, mixed(reads, writes)]) {
    if (!wanted(workload.name)) continue;
    const row = await measure(measurement, workload, scale, undefined);
    const isCompared = workload.ceiling !== undefined && passthrough !== undefined;
    add(isCompared ? { ...row, ofCeiling: row.perSecond / passthrough! } : row);
  }
}

async function terminology(): Promise<void> {
  const loaded = await loadIcd10cm(system, shared);
  if (loaded === undefined) return;
  add(loaded);
  // One at a time: what somebody who types waits for.
  for (const workload of terminologyWorkloads())
    add(await measure({ ...measurement, connections: 1 }, workload, '', undefined));
}

/** Copies that no other measurement sends. */
async function bigBundle(scale: string): Promise<void> {
  const copy = BIG_BUNDLE_COPY + rows.length;
  for (const row of await measureBigBundle(
    system,
    joinBundles(synthea.patients(copy), BUNDLE_ENTRIES_MAX),
    scale,
  ))
    add(row);
}

async function ceilingOf(scale: string, read: Parameters<typeof measure>[1]): Promise<number> {
  const port = await pickPort();
  const origin = `http://127.0.0.1:${port}`;
  const command = ['scripts/bench/passthrough.ts', system.databaseUrl, String(port)];
  const server = await startProcess(command, {}, `${origin}/readyz`);
  try {
    const row = await measure(
      { ...measurement, system: { ...system, origin, apiPid: server.pid } },
      { ...read, name: 'ceiling: passthrough read' },
      scale,
      undefined,
    );
    add(row);
    return row.perSecond;
  } finally {
    await server.stop();
  }
}
