/** Removes, every hour, what the index no longer needs: labels that no resource has, and jobs long over. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Pool, withTransaction } from '../db/index.ts';
import type { ReindexConfig } from '../platform/config.ts';
import type { Logger } from '../platform/logger.ts';
import { sweepLabels } from '../storage/index.ts';
import { purgeJobs } from './job-store.ts';

const EVERY_MS = 3_600_000;

export interface UpkeepOptions {
  readonly pool: Pool;
  readonly settings: Pick<ReindexConfig, 'pauseMs' | 'retentionMs'>;
  readonly logger: Logger;
}

export interface RunningUpkeep {
  /** Finishes the transaction under way. */
  stop(): Promise<void>;
}

/** Any number of workers may run it. Faults of the database are logged and survived. */
export function startUpkeep(options: UpkeepOptions): RunningUpkeep {
  const stopping = new AbortController();
  const running = upkeepLoop(options, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function upkeepLoop(options: UpkeepOptions, signal: AbortSignal): Promise<void> {
  const { pool, settings, logger } = options;
  while (!signal.aborted) {
    try {
      const jobs = await purgeJobs(pool, settings.retentionMs);
      if (jobs > 0) logger.info({ count: jobs }, 'old reindex jobs removed');
      const labels = await sweepAll(options, signal);
      if (labels > 0) logger.info({ count: labels }, 'labels without resources removed');
    } catch (error) {
      logger.warn({ err: error }, 'unused labels or old jobs not removed');
    }
    await pause(EVERY_MS, signal);
  }
}

async function sweepAll({ pool, settings }: UpkeepOptions, signal: AbortSignal): Promise<number> {
  let removed = 0;
  for (let isFull = true; isFull && !signal.aborted;) {
    const sweep = await withTransaction(pool, sweepLabels);
    removed += sweep.removed;
    isFull = sweep.isFull;
    if (isFull) await pause(settings.pauseMs, signal);
  }
  return removed;
}

/** Resolves after the time or as soon as the signal aborts. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
