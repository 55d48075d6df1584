/** Runs one bot: each version once at a time, long work answered early, what a crash left unfinished taken up again. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Resource, Task } from '@medplum/fhirtypes';
import {
  currentVersion,
  resourceEvent,
  runEvent,
  taskSystem,
  taskWithResult,
  HttpFailure,
  type FhirApi,
  type OpenBot,
  type ResourceEvent,
  type TaskResult,
  type TickEvent,
} from '../sdk/index.ts';
import { inSpan } from '../orchestrator/telemetry/span.ts';
import type { Shown } from './cron/keep-timetable.ts';
import type { Outcome } from './hook-receiver.ts';
import { botLogger, type Logger } from './logger.ts';
import { events, eventSeconds } from './metrics.ts';

export interface Host {
  /** Does what a resource version asks for; long work is `recorded` and goes on. Throws when it should be sent again. */
  handle(resource: Resource): Promise<Outcome>;
  /** Does the work of a moment of the timetable. Throws PermanentFault, or what is worth another attempt. */
  tick(event: TickEvent, signal: AbortSignal, shown: Shown): Promise<void>;
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
  readonly logger: Logger;
  /** After this time work that is recorded in a Task no longer holds its notification up. */
  readonly answerAfterMs: number;
  /** How long a Task must have stood still for another process to take it up. */
  readonly resumeEveryMs: number;
  readonly signal: AbortSignal;
}

export function createHost(bot: OpenBot, options: HostOptions): Host {
  const { api, signal } = options;
  const logger = botLogger(options.logger, bot.name);
  const running = new Map<string, Running>();
  const now = (): Date => new Date();
  const renewEveryMs = options.resumeEveryMs / 3;
  const surroundings = { fhir: api, logger, signal, now, renewEveryMs };

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
    const resource = await loadVersion(api, currentVersion(task));
    const event = resource === undefined ? undefined : resourceEvent(resource);
    if (event === undefined) {
      logger.warn({ task: task.id }, 'work given up: what it was begun for cannot be read');
      const version = currentVersion(task) ?? `Task/${task.id ?? ''}`;
      const ended = taskWithResult(task, version, GONE, new Date().toISOString());
      await api.update(ended, { ifMatch: task.meta?.versionId ?? '' });
      return;
    }
    if (running.has(event.key)) return;
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
    async tick(event, tickSignal, shown) {
      await counted(bot.name, event.kind, () =>
        runEvent(bot, event, { ...surroundings, signal: tickSignal, ...shown }),
      );
    },
    async resume(idleMs) {
      const found = await api.search('Task', {
        identifier: `${taskSystem(bot.name)}|`,
        status: 'in-progress',
        _lastUpdated: `lt${new Date(Date.now() - idleMs).toISOString()}`,
        // Who has waited longest comes first, so that none is left behind by the end of the page.
        _sort: '_lastUpdated',
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

const GONE: TaskResult = {
  status: 'failed',
  step: 'Stopped',
  reason: 'What the work was begun for is no longer there, or may not be read.',
};

/** Undefined when no later attempt will get it either. */
async function loadVersion(api: FhirApi, reference: string | undefined): Promise<Resource | undefined> {
  const [type, id, , version] = (reference ?? '').split('/');
  if (type === undefined || id === undefined || version === undefined) return undefined;
  try {
    return await api.vread(type as Resource['resourceType'], id, version);
  } catch (error) {
    if (error instanceof HttpFailure && error.status === 403) return undefined;
    throw error;
  }
}

async function counted<T extends Outcome>(bot: string, kind: string, work: () => Promise<T>): Promise<T> {
  const stop = eventSeconds.startTimer({ bot, kind });
  try {
    return await inSpan(`bot ${bot} ${kind}`, { 'bot.name': bot, 'bot.event': kind }, async (span) => {
      const outcome = await work();
      span.setAttribute('bot.outcome', outcome);
      events.inc({ bot, kind, outcome });
      return outcome;
    });
  } catch (error) {
    events.inc({ bot, kind, outcome: 'again' });
    throw error;
  } finally {
    stop();
  }
}
