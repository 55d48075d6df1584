/** Keeps the registry of a process in step with the SearchParameters in the database. */
import { createWakeUp, listen, type Pool } from '../db/index.ts';
import { searchParameters } from '../fhir/definitions/index.ts';
import type { ReindexConfig } from '../platform/config.ts';
import type { Logger } from '../platform/logger.ts';
import type { SearchParameterRegistry } from '../search/index.ts';
import { loadCustomState, type CustomState } from './custom-parameters.ts';

export interface FollowOptions {
  readonly pool: Pool;
  readonly logger: Logger;
  readonly settings: ReindexConfig;
  /** `false` for a process that matches fresh index rows only, as the worker does: there every parameter is ready. */
  readonly searches: boolean;
}

export interface ParameterFollower {
  /** For a state that is newer than every other: that of a transaction that was just committed. */
  apply(state: CustomState): void;
  /** Brings the registry to what the database has now. */
  load(): Promise<CustomState>;
  /** Loads the parameters and goes on to follow them; rejects when the database cannot be reached. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function followParameters(
  registry: SearchParameterRegistry,
  { pool, logger, settings, searches }: FollowOptions,
): ParameterFollower {
  const stopping = new AbortController();
  const { signal } = stopping;
  const wakeUp = createWakeUp();
  signal.addEventListener('abort', () => wakeUp.wake(), { once: true });
  /** Changes of the registry so far. */
  let changes = 0;
  let applied = signatureOf({ parameters: [], unready: new Set() });
  let running: Promise<unknown> = Promise.resolve();

  function apply(state: CustomState): void {
    const wanted = searches ? state : { ...state, unready: new Set<string>() };
    const signature = signatureOf(wanted);
    // Each change of the registry costs what was compiled for it.
    if (signature === applied) return;
    applied = signature;
    changes += 1;
    registry.setCustom(
      searchParameters(),
      wanted.parameters.map((p) => p.source),
      wanted.unready,
    );
  }

  /** What was read before another change may be older than it, and is read again. */
  async function load(): Promise<CustomState> {
    for (;;) {
      const before = changes;
      const state = await loadCustomState(pool);
      if (before !== changes) continue;
      apply(state);
      return state;
    }
  }

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      await wakeUp.wait(settings.pollMs);
      if (signal.aborted) return;
      try {
        await load();
      } catch (error) {
        logger.warn({ err: error }, 'search parameters not loaded; tried again');
      }
    }
  }

  return {
    apply,
    load,
    async start() {
      await load();
      running = Promise.all([listen({ pool, logger }, 'search_parameter', wakeUp, signal), follow()]);
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

const signatureOf = ({ parameters, unready }: CustomState): string =>
  JSON.stringify([parameters.map((p) => [p.id, p.source]), [...unready].sort()]);
