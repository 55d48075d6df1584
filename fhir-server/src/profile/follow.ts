/** Keeps the profiles of a process in step with the StructureDefinitions in the database. */
import { createWakeUp, listen, type Pool } from '../db/index.ts';
import type { Logger } from '../platform/logger.ts';
import type { StoredProfiles } from './stored-profiles.ts';

export interface FollowOptions {
  readonly pool: Pool;
  readonly logger: Logger;
  /** Fallback for a missed notification of the database. */
  readonly pollMs: number;
}

export interface ProfileFollower {
  /** Rejects when the database cannot be reached. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function followProfiles(
  profiles: StoredProfiles,
  { pool, logger, pollMs }: FollowOptions,
): ProfileFollower {
  const stopping = new AbortController();
  const { signal } = stopping;
  const wakeUp = createWakeUp();
  signal.addEventListener('abort', () => wakeUp.wake(), { once: true });
  let followed = '';
  let running: Promise<unknown> = Promise.resolve();

  async function load(): Promise<void> {
    const { rows } = await pool.query<{ changes: string }>({
      name: 'structure_definition_change_load',
      text: 'select changes::text from fhir.structure_definition_change',
    });
    const changes = rows[0]?.changes ?? '';
    if (changes === followed) return;
    followed = changes;
    profiles.forget();
    await profiles.loadLists();
  }

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      await wakeUp.wait(pollMs);
      if (signal.aborted) return;
      try {
        await load();
      } catch (error) {
        logger.warn({ err: error }, 'profiles not loaded; tried again');
      }
    }
  }

  return {
    async start() {
      await load();
      running = Promise.all([listen({ pool, logger }, 'structure_definition', wakeUp, signal), follow()]);
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
