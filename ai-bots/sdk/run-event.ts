/** One event from its arrival to its end: the context made, races run again, what cannot work put down in a Task. */
import type { Resource } from '@medplum/fhirtypes';
import type { StageRun } from '../orchestrator/index.ts';
import type { FhirApi } from '../runtime/fhir-api.ts';
import { HttpFailure, isTransient } from '../runtime/http-failure.ts';
import type { Logger } from '../runtime/logger.ts';
import type { OpenBot, Outcome } from './bot.ts';
import type { Foundation } from './context.ts';
import { derivedId } from './derived-id.ts';
import type { BotEvent, ResourceEvent } from './event.ts';
import { PermanentFault } from './permanent-fault.ts';
import { loadTask, RENEW_EVERY_MS, startProgress, type Progress } from './progress.ts';
import { isHandled, type TaskResult, type Work } from './task.ts';
import { writeOnce } from './write-once.ts';

/** How often an event starts over because somebody else wrote at the same time. */
const ATTEMPTS_MAX = 3;

export interface Surroundings {
  readonly fhir: FhirApi;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Called as soon as the work is in a Task and would survive a crash. */
  readonly onRecorded?: () => void;
  /** Where a tick shows its steps. */
  readonly onStep?: (words: string) => Promise<void>;
  /** Where a tick shows what its stages did. */
  readonly onRun?: (run: StageRun) => void;
  /** How often a Task at work is written again, so that nobody takes it over. */
  readonly renewEveryMs?: number;
}

/**
 * Resolves when the handler is through, or with `failed` when it cannot get through and a Task says so.
 * Throws what is worth another attempt: network faults, HttpFailure of a busy server, lost races.
 */
export async function runEvent(
  bot: OpenBot,
  event: BotEvent,
  surroundings: Surroundings,
): Promise<Outcome | 'failed'> {
  for (let attempt = 1; ; attempt += 1) {
    const progress = progressOf(bot, event, surroundings);
    try {
      const outcome = (await bot.handle(event, foundationOf(bot, event, surroundings, progress))) ?? 'done';
      await progress.end({ status: 'completed', step: 'Done' });
      return outcome;
    } catch (error) {
      const raced = error instanceof HttpFailure && (error.status === 412 || error.status === 409);
      if (raced && attempt < ATTEMPTS_MAX) continue;
      const reason = lastingReason(error, surroundings.signal);
      if (reason === undefined) throw error;
      surroundings.logger.error(
        { event: event.key.split(' ')[0], err: error },
        'the bot could not do its work',
      );
      await progress.fail({ status: 'failed', step: 'Stopped', reason });
      return 'failed';
    } finally {
      await progress.release();
    }
  }
}

/** Undefined when another attempt may get further. Only texts of our own are shown. */
function lastingReason(error: unknown, signal: AbortSignal): string | undefined {
  const again = error instanceof HttpFailure && [401, 409, 412].includes(error.status);
  if (again || isTransient(error) || signal.aborted) return undefined;
  const known = error instanceof PermanentFault || error instanceof HttpFailure;
  return known ? error.message : 'An unexpected fault, see the log of the bots.';
}

function foundationOf(
  bot: OpenBot,
  event: BotEvent,
  surroundings: Surroundings,
  progress: EventProgress,
): Foundation {
  const { fhir, signal, now, logger, onRecorded, renewEveryMs = RENEW_EVERY_MS } = surroundings;
  const id = (role: string, key = event.key): string => derivedId(bot.name, key, role);
  return {
    fhir,
    signal,
    now,
    logger,
    renewEveryMs,
    id,
    async writeOnce(resources, key = event.key) {
      const named = Object.entries(resources).map(([role, resource]): Resource => ({
        ...resource,
        id: resource.id ?? id(role, key),
      }));
      return writeOnce(fhir, named);
    },
    step: (words) => progress.step(words),
    onRun: (run) => progress.ran(run),
    recorded: () => onRecorded?.(),
  };
}

interface EventProgress {
  step(words: string): Promise<void>;
  ran(run: StageRun): void;
  /** Ends the Task if there is one. */
  end(result: TaskResult): Promise<void>;
  /** Makes the Task if there is none. */
  fail(result: TaskResult): Promise<void>;
  /** Leaves a Task that has not ended to the next attempt. */
  release(): Promise<void>;
}

function progressOf(bot: OpenBot, event: BotEvent, surroundings: Surroundings): EventProgress {
  const { fhir, onStep, onRun, onRecorded, renewEveryMs } = surroundings;
  if (event.kind === 'tick') {
    // The record of the tick is kept by whoever runs it.
    return {
      step: async (words) => onStep?.(words),
      ran: (run) => onRun?.(run),
      end: () => Promise.resolve(),
      release: () => Promise.resolve(),
      fail: (result) => Promise.reject(new PermanentFault(result.reason ?? result.step)),
    };
  }
  const work = workOf(bot, event);
  const runs: StageRun[] = [];
  let progress: Progress | undefined;
  const start = async (words: string): Promise<Progress | undefined> => {
    const earlier = await loadTask(fhir, work);
    if (isHandled(earlier, work.version)) return undefined;
    progress = await startProgress(fhir, work, earlier, words, renewEveryMs);
    onRecorded?.();
    return progress;
  };
  return {
    async step(words) {
      if (progress === undefined) await start(words);
      else await progress.step(words);
    },
    ran: (run) => void runs.push(run),
    end: async (result) => progress?.end({ ...result, runs }),
    release: async () => progress?.release(),
    async fail(result) {
      await (progress ?? (await start(result.step)))?.end({ ...result, runs });
    },
  };
}

function workOf(bot: OpenBot, event: ResourceEvent): Work {
  const { subject, patient } = event.resource as { subject?: Work['for']; patient?: Work['for'] };
  const about = subject ?? patient;
  return {
    bot: bot.name,
    about: event.reference,
    words: bot.description,
    focus: event.reference,
    version: event.key,
    ...(about === undefined ? {} : { for: about }),
  };
}
