/** The worker's part of the audit: seals what has been recorded, and removes what has been kept long enough. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditConfig } from '../platform/config.ts';
import type { Logger } from '../platform/logger.ts';
import { removeOld } from './retention.ts';
import { type SealContext, sealRecords } from './seal.ts';

const REMOVE_EVERY_MS = 3_600_000;

export interface SealingOptions extends SealContext {
  readonly settings: AuditConfig;
  readonly logger: Logger;
}

export interface RunningSealing {
  /** Finishes the transaction under way. */
  stop(): Promise<void>;
}

/** Any number of workers may run it; one at a time seals. Faults of the database are logged and survived. */
export function startSealing(options: SealingOptions): RunningSealing {
  const stopping = new AbortController();
  const running = sealLoop(options, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function sealLoop(options: SealingOptions, signal: AbortSignal): Promise<void> {
  const { settings, logger, pool } = options;
  let removeAt = Date.now();
  while (!signal.aborted) {
    let taken = 0;
    try {
      taken = await sealRecords(options, settings.batchSize);
      if (Date.now() >= removeAt) {
        removeAt = Date.now() + REMOVE_EVERY_MS;
        const removed = await removeOld(pool, settings.retentionMs);
        if (removed > 0) logger.info({ count: removed }, 'old AuditEvents removed');
      }
    } catch (error) {
      logger.error({ err: error }, 'audit records not sealed; tried again');
    }
    if (taken < settings.batchSize)
      await sleep(settings.pollMs, undefined, { signal }).catch(() => undefined);
  }
}
