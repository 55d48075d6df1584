/** The worker's part of indexing: takes jobs one after the other and does them batch by batch. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createWakeUp, listen, withTransaction, type Pool } from '../db/index.ts';
import type { Logger } from '../platform/logger.ts';
import { INDEX_FORM } from '../storage/index.ts';
import { reindexBatch, type BatchContext } from './batch.ts';
import { loadCustomParameters } from './custom-parameters.ts';
import { hasJob, insertJob, isSettled, leaseJob, releaseJob } from './job-store.ts';
import { lockParameters } from './search-parameter-rule.ts';

export interface ReindexOptions extends BatchContext {
  readonly logger: Logger;
}

export interface RunningReindex {
  /** Finishes the batch under way. The job goes on where it is, here or in another worker. */
  stop(): Promise<void>;
}

const PAUSE_AFTER_FAULT_MS = 1_000;
const SETTLE_POLL_MS = 200;

/** Any number of workers may run it. */
export function startReindex(options: ReindexOptions): RunningReindex {
  const stopping = new AbortController();
  const { signal } = stopping;
  const wakeUp = createWakeUp();
  signal.addEventListener('abort', () => wakeUp.wake(), { once: true });
  const running = Promise.all([
    listen(options, 'reindex', wakeUp, signal),
    jobLoop(options, (ms) => wakeUp.wait(ms), signal),
  ]);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function jobLoop(
  options: ReindexOptions,
  wait: (ms: number) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { pool, settings, logger } = options;
  let isChecked = false;
  while (!signal.aborted) {
    let id: string | undefined;
    try {
      if (!isChecked) await makeMissingJobs(pool);
      isChecked = true;
      id = await leaseJob(pool, settings.leaseMs);
      if (id === undefined) await wait(settings.pollMs);
      else await runJob(options, id, signal);
    } catch (error) {
      logger.error({ err: error, job: id }, 'resources not indexed anew; tried again');
      const text = error instanceof Error ? error.message : String(error);
      if (id !== undefined) await releaseJob(pool, id, text).catch(() => undefined);
      await pause(PAUSE_AFTER_FAULT_MS, signal);
    }
  }
}

async function runJob(options: ReindexOptions, id: string, signal: AbortSignal): Promise<void> {
  const { pool, settings, logger } = options;
  logger.info({ job: id }, 'resources are indexed anew');
  let settled = false;
  while (!signal.aborted) {
    const step = await reindexBatch(options, id, settled);
    if (step === 'over') {
      logger.info({ job: id }, 'resources indexed anew');
      return;
    }
    if (step === 'settling') settled = await isSettled(pool, id, settings.settleMs);
    await pause(step === 'settling' && !settled ? SETTLE_POLL_MS : settings.pauseMs, signal);
  }
  await releaseJob(pool, id);
}

/** For what came without a job: parameters stored by an older server, and types whose rows are in an older form. */
async function makeMissingJobs(pool: Pool): Promise<void> {
  await withTransaction(pool, async (client) => {
    await lockParameters(client);
    for (const { id, definition, types } of await loadCustomParameters(client))
      if (!(await hasJob(client, id, definition)))
        await insertJob(client, { types, parameter: { id, definition } });
    const { rows } = await client.query<{ type: string }>(
      `select resource_type as type from fhir.layout l where index_form < $1 and not exists (
         select from fhir.reindex_job j where j.index_form = $1 and j.state in ('waiting', 'running')
           and l.resource_type = any(j.resource_types)
       ) order by 1`,
      [INDEX_FORM],
    );
    if (rows.length > 0) await insertJob(client, { types: rows.map((r) => r.type), indexForm: INDEX_FORM });
  });
}

/** Resolves after the time or as soon as the signal aborts. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
