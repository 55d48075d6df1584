/** The worker's part of bulk exports: takes jobs one after the other and does them page by page. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditRecord } from '../audit/index.ts';
import { createWakeUp, listen } from '../db/index.ts';
import { FhirError } from '../fhir/outcome.ts';
import type { Server } from '../interaction/index.ts';
import type { Logger } from '../platform/logger.ts';
import type { ExportFolder } from './export-folder.ts';
import type { ExportFile, ExportJob } from './export-job.ts';
import { exportJob, outcomeFile } from './export.ts';
import { endJob, isSettled, type Lease, leaseJob, listFiles, releaseJob, renewLease } from './job-store.ts';
import { type LoadRequester, RightsLost } from './rights.ts';
import { removeExpired } from './upkeep.ts';

export interface BulkOptions {
  /** With a registry that knows what can be searched by. */
  readonly server: Server;
  readonly folder: ExportFolder;
  readonly loadRequester: LoadRequester;
  readonly logger: Logger;
}

export interface RunningBulk {
  /** Finishes the page under way. The job goes on from its last whole file, here or in another worker. */
  stop(): Promise<void>;
}

const PAUSE_AFTER_FAULT_MS = 1_000;
/** How long a job that had a fault leaves the way to others. */
const RETRY_MS = 10_000;
const SETTLE_POLL_MS = 50;
const UPKEEP_EVERY_MS = 60_000;

/** Any number of workers may run it. */
export function startBulk(options: BulkOptions): RunningBulk {
  const stopping = new AbortController();
  const { signal } = stopping;
  const wakeUp = createWakeUp();
  signal.addEventListener('abort', () => wakeUp.wake(), { once: true });
  const { server, logger } = options;
  const running = Promise.all([
    listen({ pool: server.pool, logger }, 'bulk', wakeUp, signal),
    jobLoop(options, (ms) => wakeUp.wait(ms), signal),
    upkeepLoop(options, signal),
  ]);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function jobLoop(
  options: BulkOptions,
  wait: (ms: number) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { server, logger } = options;
  const { pollMs, leaseMs } = server.config.bulk;
  while (!signal.aborted) {
    const lease: Lease = { id: randomUUID(), ms: leaseMs };
    try {
      const job = await leaseJob(server.pool, lease);
      if (job === undefined) await wait(pollMs);
      else await runJob(options, job, lease, signal);
    } catch (error) {
      logger.error({ err: error }, 'bulk exports not looked for; tried again');
      await pause(PAUSE_AFTER_FAULT_MS, signal);
    }
  }
}

async function runJob(
  options: BulkOptions,
  job: ExportJob,
  lease: Lease,
  signal: AbortSignal,
): Promise<void> {
  const { server, logger, folder } = options;
  const { pool } = server;
  logger.info({ export: job.id.slice(0, 8) }, 'a bulk export begins or goes on');
  try {
    if (!(await settled(options, job, lease, signal))) return;
    const ended = await exportJob(options, job, lease, signal);
    if (ended.how === 'stopped') await releaseJob(pool, job.id, lease);
    // Another worker has it, or the client deleted it, and with it the files.
    if (ended.how === 'lost') await removeIfGone(options, job);
    if (ended.how !== 'done') return;
    const file = await outcomeFile(folder, job.id, ended.notes);
    const count = countOf(await listFiles(pool, job.id));
    await endJob(pool, job.id, lease, { file, record: recordOf(job, { how: 'done', count }) });
    logger.info({ export: job.id.slice(0, 8), resources: count }, 'a bulk export is done');
  } catch (error) {
    await failed(options, job, lease, error);
  }
}

/** False when the job is not the caller's any more. */
async function settled(
  { server }: BulkOptions,
  job: ExportJob,
  lease: Lease,
  signal: AbortSignal,
): Promise<boolean> {
  const { pool, config } = server;
  while (!(await isSettled(pool, job.id, config.bulk.settleMs))) {
    if (!(await renewLease(pool, job.id, lease, 'waits for writes that were under way'))) return false;
    if (signal.aborted) {
      await releaseJob(pool, job.id, lease);
      return false;
    }
    await pause(SETTLE_POLL_MS, signal);
  }
  return true;
}

async function failed({ server, logger, folder }: BulkOptions, job: ExportJob, lease: Lease, error: unknown) {
  const { pool, config } = server;
  const isLost = error instanceof RightsLost;
  const isTransient = error instanceof FhirError && error.status === 503;
  const { name, code, stack } = error as Error & { code?: unknown };
  if (!isLost) logger.error({ export: job.id.slice(0, 8), name, code, frames: framesOf(stack) }, 'a bulk export met a fault'); // prettier-ignore
  if (!isLost && (isTransient || job.faults + 1 < config.bulk.attemptsMax)) {
    await releaseJob(pool, job.id, lease, RETRY_MS, !isTransient);
    return;
  }
  const failure = isLost
    ? error.message
    : 'The export met a fault of the server several times; its log says why';
  const record = recordOf(job, { how: 'failed', isRefused: isLost });
  if (await endJob(pool, job.id, lease, { failure, record })) await folder.remove(job.id);
}

/** The driver's messages may quote values. */
const framesOf = (stack: string | undefined) =>
  stack?.split('\n').filter((line) => line.trimStart().startsWith('at '));

const countOf = (files: readonly ExportFile[]): number =>
  files.reduce((sum, { kind, count }) => (kind === 'output' ? sum + count : sum), 0);

/** The end is told to the audit, and whose records a list of patients has. */
function recordOf(
  job: ExportJob,
  ended:
    | { readonly how: 'done'; readonly count: number }
    | { readonly how: 'failed'; readonly isRefused: boolean },
): AuditRecord {
  const { requester, patients, request } = job;
  const isDone = ended.how === 'done';
  const reason = isDone
    ? `exported ${ended.count} resources`
    : ended.isRefused
      ? 'the rights of the requester ended'
      : 'a fault of the server';
  return {
    at: Date.now(),
    kind: 'rest',
    code: 'operation',
    action: 'E',
    outcome: isDone ? '0' : ended.isRefused ? '4' : '8',
    reason,
    agent: { clientId: requester.clientId, userId: requester.userId },
    touched: isDone ? (patients ?? []).map((id) => [`Patient/${id}`, [id]] as const) : [],
    query: request.url,
    operation: '$export',
  };
}

async function removeIfGone({ server, folder }: BulkOptions, job: ExportJob): Promise<void> {
  const { rowCount } = await server.pool.query('select from bulk.job where id = $1', [job.id]);
  if (rowCount === 0) await folder.remove(job.id);
}

async function upkeepLoop({ server, folder, logger }: BulkOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const count = await removeExpired(server.pool, folder, server.config.bulk.expiryMs);
      if (count > 0) logger.info({ count }, 'expired bulk exports removed');
    } catch (error) {
      logger.warn({ err: error }, 'expired bulk exports not removed');
    }
    await pause(UPKEEP_EVERY_MS, signal);
  }
}

/** Resolves after the time or as soon as the signal aborts. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
