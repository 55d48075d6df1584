/** `node scripts/fuzz.ts`: requests that are nearly right, for an hour. No 500, no half write, no crash, no growing memory. */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CapabilityStatement } from '@medplum/fhirtypes';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { cleanUpOnInterrupt, removeCluster, untilInterruptEnds } from './bench/interrupt.ts';
import { positive, readOptions } from './bench/options.ts';
import { residentBytes, stopProcesses } from './bench/processes.ts';
import { startSystem } from './bench/system.ts';
import { readCorpus } from './fuzz/corpus.ts';
import { judge, type FuzzAnswer } from './fuzz/judge.ts';
import { makeRequest, type FuzzRequest } from './fuzz/make-request.ts';
import { Random } from './fuzz/random.ts';

const USAGE = `node scripts/fuzz.ts [options]
  --minutes n        how long (60)
  --seed n           where the random numbers begin (the time)
  --connections n    requests at the same time (8)
  --out file         where requests with wrong answers go (fuzz-faults.json)`;

const options = readOptions(USAGE, {
  minutes: { type: 'string', default: '60' },
  seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  connections: { type: 'string', default: '8' },
  out: { type: 'string', default: 'fuzz-faults.json' },
});
const durationMs = positive(USAGE, 'minutes', options.minutes) * 60_000;
const seed = positive(USAGE, 'seed', options.seed);
const connections = positive(USAGE, 'connections', options.connections);

const TOKEN_AGE_MS = 120_000;
const FAULTS_MAX = 50;
/** Caches fill in the first third; after it the memory may grow by this share and no more. */
const GROWTH_MAX = 1.3;
const GROWTH_FLOOR_BYTES = 150 * 1024 * 1024;

const faults: object[] = [];
const statuses = new Map<number, number>();
const memory: number[] = [];

const home = mkdtempSync(join(tmpdir(), 'dr-assistant-fuzz-'));
cleanUpOnInterrupt(home, true);
const system = await startSystem(home, undefined);
const base = `${system.origin}/fhir/R4`;
let token = await system.token();
let tokenSince = Date.now();

async function call({ method, path, headers, body }: FuzzRequest): Promise<FuzzAnswer> {
  const begin = performance.now();
  const response = await fetch(path === '' ? base : `${base}/${path}`, {
    method,
    headers: { ...headers, Authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  return { status: response.status, text, type, ms: performance.now() - begin };
}

const isHere = async (path: string): Promise<boolean> =>
  (await call({ method: 'GET', path, headers: {} })).status === 200;

function report(index: number, request: FuzzRequest, fault: string, answer?: FuzzAnswer): void {
  const body = request.body instanceof Uint8Array ? { base64: Buffer.from(request.body).toString('base64') } : request.body; // prettier-ignore
  faults.push({ fault, seed, index, request: { ...request, body }, answer: answer?.text.slice(0, 2_000) });
  console.error(`${fault}: seed ${seed}, request ${index}, ${request.method} ${request.path.slice(0, 200)}`);
}

async function one(index: number): Promise<void> {
  const request = makeRequest(new Random(seed + index * 7_919), corpus);
  let answer: FuzzAnswer;
  try {
    answer = await call(request);
  } catch (error) {
    report(index, request, `no answer (${(error as Error).message})`);
    return;
  }
  statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
  const fault = judge(request, answer);
  if (fault !== undefined) report(index, request, fault, answer);
  const isRefused = answer.status >= 400 && answer.status !== 503;
  if (isRefused && request.marker !== undefined && (await isHere(request.marker)))
    report(index, request, `refused with ${answer.status}, and ${request.marker} is there`, answer);
}

async function watch(): Promise<void> {
  for (let lines = 1; Date.now() < deadline && !isOver(); lines += 1) {
    await sleep(1_000);
    memory.push(residentBytes(system.apiPid) ?? 0);
    if (Date.now() - tokenSince > TOKEN_AGE_MS) {
      token = await system.token();
      tokenSince = Date.now();
    }
    if (lines % 60 === 0) console.log(summary());
  }
}

const megabytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
const isOver = (): boolean => faults.length >= FAULTS_MAX;
const summary = (): string =>
  `${next} requests, ${faults.length} faults, ${megabytes(memory.at(-1) ?? 0)} MB; ${[...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`).join(', ')}`; // prettier-ignore

/** The smallest of a stretch: what is left when garbage was collected. */
const lowest = (from: number, to: number): number => Math.min(...memory.slice(Math.floor(memory.length * from), Math.ceil(memory.length * to))); // prettier-ignore

const metadata = (await (await fetch(`${base}/metadata`)).json()) as CapabilityStatement;
const corpus = readCorpus(metadata);
const deadline = Date.now() + durationMs;
let next = 0;
console.log(`seed ${seed}, ${corpus.examples.length} examples`);
try {
  const workers = Array.from({ length: connections }, async () => {
    while (Date.now() < deadline && !isOver()) await one(next++);
  });
  await Promise.all([...workers, watch()]);
} finally {
  await untilInterruptEnds();
  await system.stop();
  await stopProcesses();
  removeCluster(home);
}
const [early, late] = [lowest(1 / 3, 1 / 2), lowest(5 / 6, 1)];
console.log(`${summary()}; memory ${megabytes(early)} MB, in the end ${megabytes(late)} MB`);
const grows = late > Math.max(early * GROWTH_MAX, early + GROWTH_FLOOR_BYTES);
if (grows) console.error('The memory grows.');
if (faults.length > 0) {
  writeFileSync(resolve(options.out), JSON.stringify(faults, undefined, 1));
  console.error(`The requests are in ${options.out}.`);
}
process.exitCode = faults.length > 0 || grows ? 1 : 0;
