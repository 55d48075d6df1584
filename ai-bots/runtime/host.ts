/** Runs one bot: each version once at a time, long work answered early, what a crash left unfinished taken up again. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Resource, Task } from '@medplum/fhirtypes';
import {
  currentVersion,
  resourceEvent,
  runEvent,
  taskSystem,
  type FhirApi,
  type Foundation,
  type OpenBot,
  type ResourceEvent,
  type TickEvent,
} from '../sdk/index.ts';
import type { Outcome } from './hook-receiver.ts';
import { botLogger, type Logger } from './logger.ts';
import { events, eventSeconds } from './metrics.ts';

export interface Host {
  /** Does what a resource version asks for; long work is `recorded` and goes on. Throws when it should be sent again. */
  handle(resource: Resource): Promise<Outcome>;
  /** Does the work of a moment of the timetable. Throws PermanentFault, or what is worth another attempt. */
  tick(event: TickEvent, signal: AbortSignal, onStep: (words: string) => Promise<void>): Promise<void>;
  /** Takes up work that was left unfinished by a crash: Tasks in progress that stood still for `idleMs`. */
  resume(idleMs: number): Promise<void>;
  /** Waits for the work under way. What is still running when the process ends is resumed by the next start. */
  drain(): Promise<void>;
}

interface Running {
  readonly done: Promise<Outcome>;
  readonly recorded: Promise<void>;
}

export interface HostOptions {
  readonly api: FhirApi;
  readonly ai: Foundation['ai'];
  readonly logger: Logger;
  /** After this time work that is recorded in a Task no longer holds its notification up. */
  readonly answerAfterMs: number;
  readonly signal: AbortSignal;
}

export function createHost(bot: OpenBot, options: HostOptions): Host {
  const { api, ai, signal } = options;
  const logger = botLogger(options.logger, bot.name);
  const running = new Map<string, Running>();
  const surroundings = { fhir: api, ai, logger, signal, now: () => new Date() };

  // One version is worked on once at a time in this process; Tasks and ids guard against other processes.
  const start = (event: ResourceEvent): Running => {
    const known = running.get(event.key);
    if (known !== undefined) return known;
    const { promise: recorded, resolve: onRecorded } = Promise.withResolvers<void>();
    const done = counted(bot.name, event.kind, () =>
      runEvent(bot, event, { ...surroundings, onRecorded }),
    ).finally(() => running.delete(event.key));
    const work = { done, recorded };
    running.set(event.key, work);
    return work;
  };

  const resumeTask = async (task: Task): Promise<void> => {
    const [type, id, , version] = (currentVersion(task) ?? '').split('/');
    if (type === undefined || id === undefined || version === undefined) return;
    const resource = await api.vread(type as Resource['resourceType'], id, version);
    const event = resource === undefined ? undefined : resourceEvent(resource);
    if (event === undefined || running.has(event.key)) return;
    logger.info({ event: event.key }, 'work resumed');
    await start(event).done;
  };

  return {
    async handle(resource) {
      const event = resourceEvent(resource);
      if (event === undefined) return 'ignored';
      const { done, recorded } = start(event);
      // A fault after the answer is not lost: the Task stays in progress and is resumed.
      done.catch((error: unknown) => logger.warn({ event: event.key, err: error }, 'work stopped'));
      const late = sleep(options.answerAfterMs, undefined, { ref: false }).then(() => recorded);
      return Promise.race([done, late.then((): Outcome => 'recorded')]);
    },
    async tick(event, tickSignal, onStep) {
      await counted(bot.name, event.kind, () =>
        runEvent(bot, event, { ...surroundings, signal: tickSignal, onStep }),
      );
    },
    async resume(idleMs) {
      const found = await api.search('Task', {
        identifier: `${taskSystem(bot.name)}|`,
        status: 'in-progress',
        _lastUpdated: `lt${new Date(Date.now() - idleMs).toISOString()}`,
        _count: '20',
      });
      for (const { resource } of found.entry ?? []) {
        if (resource?.resourceType !== 'Task') continue;
        await resumeTask(resource).catch((error: unknown) => {
          logger.warn({ task: resource.id, err: error }, 'work not resumed');
        });
      }
    },
    async drain() {
      await Promise.allSettled([...running.values()].map((work) => work.done));
    },
  };
}

async function counted<T extends Outcome>(bot: string, kind: string, work: () => Promise<T>): Promise<T> {
  const stop = eventSeconds.startTimer({ bot, kind });
  try {
    const outcome = await work();
    events.inc({ bot, kind, outcome });
    return outcome;
  } catch (error) {
    events.inc({ bot, kind, outcome: 'again' });
    throw error;
  } finally {
    stop();
  }
}
