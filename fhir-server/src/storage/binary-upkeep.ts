/** Removes, again and again, content of Binaries that no version has. Any number of workers may run it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from '../db/index.ts';
import type { ContentConfig } from '../platform/content-config.ts';
import type { Logger } from '../platform/logger.ts';
import { removeLeftBehind } from './binary-remains.ts';
import type { BinaryStore } from './binary-store.ts';

export interface BinaryUpkeepOptions {
  readonly pool: Pool;
  readonly store: BinaryStore;
  readonly settings: Pick<ContentConfig, 'orphanMs' | 'cleanupMs'>;
  readonly logger: Logger;
}

/** Faults of the database and of the store are logged and survived. `stop` waits for the round under way. */
export function startBinaryUpkeep(options: BinaryUpkeepOptions): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const running = upkeepLoop(options, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function upkeepLoop({ pool, store, settings, logger }: BinaryUpkeepOptions, signal: AbortSignal) {
  while (!signal.aborted) {
    try {
      const removed = await removeLeftBehind({ pool, store }, settings.orphanMs, signal);
      if (removed.contents + removed.writes > 0)
        logger.info(removed, 'content of Binaries that no version has was removed');
    } catch (error) {
      const { name, code, reason } = error as Error & { code?: unknown; reason?: unknown };
      logger.warn({ name, code, reason }, 'content of Binaries that no version has was not removed');
    }
    await sleep(settings.cleanupMs, undefined, { signal }).catch(() => undefined);
  }
}
