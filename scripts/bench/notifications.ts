/** `npm run bench -- --notifications`: how many notifications the worker sends, and how long after the write they are there. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cleanUpOnInterrupt, removeCluster, untilInterruptEnds } from './interrupt.ts';
import { CRITERIA, writeMany, writeSteadily } from './observations.ts';
import { type AnsweringProcess, cpuSeconds, startAnswering, startProcess } from './processes.ts';
import type { ReceiverAnswer, ReceiverQuestion } from './receiver.ts';
import { number, tableOf } from './report.ts';
import { startSystem, type System } from './system.ts';
import { pickPort } from '../postgres/port.ts';

const WARM_UP_S = 3;
const DRAIN_MAX_MS = 60_000;
const SLOW_MS = 1_000;
const PROCESSES = ['worker', 'postgres', 'api', 'receiver'] as const;

export interface NotificationOptions {
  /** Notifications of the backlog. */
  readonly backlog: number;
  readonly steadySeconds: number;
  /** Of the worker; its default where none is given. */
  readonly concurrency: string | undefined;
  readonly profileDir: string | undefined;
  readonly wanted: (name: string) => boolean;
}

interface NotificationRow {
  readonly work: string;
  readonly perSecond: number;
  /** From the acknowledgement of the write until the receiver has it. */
  readonly lagsMs?: readonly number[];
  readonly missing: number;
  readonly repeated: number;
  /** Milliseconds of processor time for each notification. */
  readonly cpuMs: Readonly<Partial<Record<(typeof PROCESSES)[number], number>>>;
  readonly errors: number;
}

const quantile = (row: NotificationRow, share: number): string => {
  const sorted = row.lagsMs ?? [];
  return number(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))], 0);
};

const COLUMNS = [
  ['work', (r: NotificationRow) => r.work],
  ['per second', (r: NotificationRow) => number(r.perSecond, 0)],
  ['lag p50 ms', (r: NotificationRow) => quantile(r, 0.5)],
  ['p95 ms', (r: NotificationRow) => quantile(r, 0.95)],
  ['p99 ms', (r: NotificationRow) => quantile(r, 0.99)],
  ['max ms', (r: NotificationRow) => quantile(r, 1)],
  ['missing', (r: NotificationRow) => String(r.missing)],
  ['repeated', (r: NotificationRow) => String(r.repeated)],
  ['errors', (r: NotificationRow) => String(r.errors)],
  ...PROCESSES.map((p) => [`${p} ms`, (r: NotificationRow) => number(r.cpuMs[p], 2)] as const),
] as const;

interface Bench {
  readonly system: System;
  readonly receiver: AnsweringProcess<ReceiverQuestion, ReceiverAnswer>;
  readonly startWorker: () => ReturnType<typeof startProcess>;
}

export async function benchNotifications(options: NotificationOptions): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'dr-assistant-bench-'));
  cleanUpOnInterrupt(home, true);
  const { profileDir, concurrency } = options;
  const system = await startSystem(home, profileDir, { SUBSCRIPTION_ALLOW_PRIVATE: 'true' });
  system.database.on('error', () => undefined);
  const receiver = startAnswering<ReceiverQuestion, ReceiverAnswer>('scripts/bench/receiver.ts');
  const workerPort = await pickPort();
  const env = {
    WORKER_PORT: String(workerPort),
    DATABASE_URL: system.databaseUrl,
    DATA_DIR: join(home, 'api'),
    BASE_URL: system.origin,
    COOKIE_SECRET: 'a secret of the bench that is long enough',
    LOG_LEVEL: 'error',
    SUBSCRIPTION_ALLOW_PRIVATE: 'true',
    ...(concurrency === undefined ? {} : { SUBSCRIPTION_CONCURRENCY: concurrency }),
  };
  const profile = profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`];
  const startWorker = () =>
    startProcess(['fhir-server/src/worker.ts'], env, `http://127.0.0.1:${workerPort}/readyz`, profile);
  const bench = { system, receiver, startWorker };
  const rows: NotificationRow[] = [];
  try {
    console.log(tableOf(COLUMNS, []));
    for (const [name, measure] of scenarios(options)) {
      if (!options.wanted(name)) continue;
      const row: NotificationRow = await measure(bench, name);
      console.log(tableOf(COLUMNS, [row]).split('\n')[2]);
      rows.push(row);
    }
    console.log(`\n${tableOf(COLUMNS, rows)}`);
  } finally {
    await untilInterruptEnds();
    await receiver.stop();
    await system.stop();
    removeCluster(home);
  }
}

const scenarios = ({ backlog, steadySeconds }: NotificationOptions) =>
  [
    [`backlog of ${backlog}`, (bench: Bench, name: string) => measureBacklog(bench, name, backlog)],
    ...[1, 3].map(
      (fast) =>
        [
          `200 writes/s, ${fast} Subscription${fast > 1 ? 's' : ''}`,
          (bench: Bench, name: string) =>
            measureSteady(bench, name, { fast, slow: 0, perSecond: 200, seconds: steadySeconds }),
        ] as const,
    ),
    [
      `100 writes/s, a fast one beside one of ${SLOW_MS} ms`,
      (bench: Bench, name: string) =>
        measureSteady(bench, name, { fast: 1, slow: 1, perSecond: 100, seconds: steadySeconds }),
    ],
  ] as const;

async function measureBacklog(bench: Bench, work: string, count: number): Promise<NotificationRow> {
  const { system, receiver } = bench;
  await subscribe(bench, '/fast');
  await writeMany(system, count);
  const spent = await startSpending(bench);
  await drain(bench, count);
  const cpuMs = spent.perUnit(count);
  const { events, repeated } = await receiver.ask('take');
  await reset(bench, spent.worker);
  return { work, perSecond: rateOf(events.map(([, at]) => at)), missing: count - events.length, repeated, cpuMs, errors: 0 };
} // prettier-ignore

interface Steady {
  readonly fast: number;
  readonly slow: number;
  readonly perSecond: number;
  readonly seconds: number;
}

/** Only the notifications of the fast Subscriptions are measured. */
async function measureSteady(bench: Bench, work: string, of: Steady): Promise<NotificationRow> {
  const { system, receiver } = bench;
  const fast = new Set<string>();
  for (let i = 0; i < of.fast; i += 1) fast.add(await subscribe(bench, '/fast'));
  for (let i = 0; i < of.slow; i += 1) await subscribe(bench, `/slow/${SLOW_MS}`);
  const spent = await startSpending(bench);
  const begin = performance.timeOrigin + performance.now();
  const written = await writeSteadily(system, { ...of, seconds: WARM_UP_S + of.seconds });
  const expected = written.acknowledged.size * of.fast;
  // Those of a slow receiver go on for long.
  if (of.slow === 0) await drain(bench, expected);
  else await sleep(2_000);
  const cpuMs = spent.perUnit(expected);
  const { events, repeated } = await receiver.ask('take');
  const arrived = new Map(events);
  const { rows } = await system.database.query<{ id: string; subscription_id: string; resource_id: string }>(
    'select id, subscription_id, resource_id from subscription_delivery',
  );
  const lagsMs: number[] = [];
  const times: number[] = [];
  for (const row of rows) {
    const [at, acknowledged] = [arrived.get(row.id), written.acknowledged.get(row.resource_id)];
    if (at === undefined || acknowledged === undefined || !fast.has(row.subscription_id)) continue;
    times.push(at);
    if (acknowledged > begin + WARM_UP_S * 1_000) lagsMs.push(at - acknowledged);
  }
  await reset(bench, spent.worker);
  const perSecond = rateOf(times);
  lagsMs.sort((a, b) => a - b);
  return {
    work,
    perSecond,
    lagsMs,
    missing: expected - times.length,
    repeated,
    cpuMs,
    errors: written.errors,
  };
}

/** Per second, from the first to the last. */
const rateOf = (timesMs: readonly number[]): number => {
  const sorted = timesMs.toSorted((a, b) => a - b);
  return sorted.length / (((sorted.at(-1) ?? NaN) - (sorted[0] ?? NaN)) / 1_000);
};

/** Starts the worker; `perUnit` tells what all spend as soon as it has started. */
async function startSpending({ system, receiver, startWorker }: Bench) {
  const worker = await startWorker();
  const pids = [worker.pid, system.postgresPid, system.apiPid, receiver.pid];
  const before = pids.map((pid) => cpuSeconds(pid) ?? NaN);
  const perUnit = (units: number): NotificationRow['cpuMs'] =>
    Object.fromEntries(
      pids.map((pid, i) => [PROCESSES[i], (((cpuSeconds(pid) ?? NaN) - before[i]!) * 1_000) / units]),
    ) as NotificationRow['cpuMs'];
  return { worker, perUnit };
}

/** Until so many have come, or none any more. */
async function drain({ receiver }: Bench, count: number): Promise<void> {
  const end = performance.now() + DRAIN_MAX_MS;
  while ((await receiver.ask('count')).count < count && performance.now() < end) await sleep(20);
}

async function fhir({ system }: Bench, method: string, path: string, body?: object): Promise<Response> {
  const response = await fetch(`${system.origin}/fhir/R4/${path}`, {
    method,
    headers: { authorization: `Bearer ${await system.token()}`, 'content-type': 'application/fhir+json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response;
}

/** Without a payload. */
async function subscribe(bench: Bench, path: string): Promise<string> {
  const { port } = await bench.receiver.ask('port');
  const channel = { type: 'rest-hook', endpoint: `http://127.0.0.1:${port}${path}` };
  const resource = { resourceType: 'Subscription', status: 'requested', reason: 'bench', criteria: CRITERIA };
  const response = await fhir(bench, 'POST', 'Subscription', { ...resource, channel });
  return ((await response.json()) as { id: string }).id;
}

/** Leaves nothing to the next one. */
async function reset(bench: Bench, worker: { stop(): Promise<void> }): Promise<void> {
  const { database } = bench.system;
  await worker.stop();
  const { rows } = await database.query<{ id: string }>(
    'select id from fhir."Subscription" where not deleted',
  );
  for (const { id } of rows) await fhir(bench, 'DELETE', `Subscription/${id}`);
  await database.query('truncate outbox, subscription_delivery');
  await bench.receiver.ask('take');
}
