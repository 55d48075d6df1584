/** Wakes a bot at the moments of its timetable: one process per moment, the latest missed one once, crashed work again. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Task } from '@medplum/fhirtypes';
import {
  HttpFailure,
  tickEvent,
  type CronTrigger,
  type FhirApi,
  type StageRun,
  type TickEvent,
} from '../../sdk/index.ts';
import type { Logger } from '../logger.ts';
import { pruneTicks } from './prune.ts';
import { latestTick, nextTick } from './timetable.ts';
import { takeOver, takeTurn, tickSystem, type Turn } from './turn.ts';

/** Longer sleeps would overlook that the clock was set or the machine slept. */
const SLEEP_MAX_MS = 30_000;
/** Without any record of an earlier moment the bot is new: then only a recent moment counts as missed. */
const NEW_BOT_MS = 24 * 3_600_000;

export interface Timetable {
  readonly bot: { readonly name: string; readonly description: string };
  readonly triggers: readonly CronTrigger[];
  readonly api: FhirApi;
  readonly logger: Logger;
  /** Work that has shown no life for so long, as this process has watched it, is taken over. */
  readonly leaseMs: number;
  /** Where the bot may delete its Tasks: how long those of moments that are done are kept, and how often is looked. */
  readonly prune?: { readonly keepMs: number; readonly everyMs: number };
  readonly now: () => Date;
  /** Aborts the work under way. */
  readonly cut: AbortSignal;
  /** Does the work of a moment. Throws what is worth another attempt. */
  run(event: TickEvent, signal: AbortSignal, shown: Shown): Promise<void>;
}

/** What the Task of a moment shows of the work. */
export interface Shown {
  readonly onStep: (words: string) => Promise<void>;
  readonly onRun: (run: StageRun) => void;
}

/** Resolves when the signal aborts; work under way is waited for. */
export async function keepTimetable(timetable: Timetable, signal: AbortSignal): Promise<void> {
  const { triggers } = timetable;
  await Promise.all([
    ...triggers.map((trigger) => wakeLoop(timetable, trigger, signal)),
    ...(triggers.length === 0 ? [] : [takeOverLoop(timetable, signal)]),
    ...(triggers.length === 0 || timetable.prune === undefined
      ? []
      : [pruneLoop(timetable, timetable.prune, signal)]),
  ]);
}

/** Waits first: the record of a timetable that was long not kept is needed at the start. */
async function pruneLoop(
  timetable: Timetable,
  { keepMs, everyMs }: NonNullable<Timetable['prune']>,
  signal: AbortSignal,
): Promise<void> {
  for (await pause(everyMs, signal); !signal.aborted; await pause(everyMs, signal)) {
    try {
      const before = new Date(timetable.now().getTime() - keepMs);
      const count = await pruneTicks(timetable, before, signal);
      if (count > 0) timetable.logger.info({ count }, 'old moments of the timetable deleted');
    } catch (error) {
      timetable.logger.warn({ err: error }, 'old moments of the timetable not deleted');
    }
  }
}

async function wakeLoop(timetable: Timetable, trigger: CronTrigger, signal: AbortSignal): Promise<void> {
  const { api, bot, logger, now } = timetable;
  let settled: number | undefined;
  while (!signal.aborted) {
    const at = latestTick(trigger, now());
    if (at !== undefined && at.getTime() !== settled) {
      try {
        const isDue = settled !== undefined || (await isMissed(timetable, at));
        const turn = isDue ? await takeTurn(api, bot, tickEvent(at, trigger.cron)) : undefined;
        settled = at.getTime();
        if (turn !== undefined) await work(timetable, turn);
      } catch (error) {
        logger.warn({ at: at.toISOString(), err: error }, 'the timetable could not be kept; trying again');
      }
    }
    const next = nextTick(trigger, now())?.getTime() ?? Infinity;
    const isSettled = settled === latestTick(trigger, now())?.getTime();
    const waitMs = isSettled ? next - now().getTime() : 1_000;
    await pause(Math.min(Math.max(waitMs, 10), SLEEP_MAX_MS), signal);
  }
}

async function isMissed({ api, bot, now }: Timetable, at: Date): Promise<boolean> {
  if (now().getTime() - at.getTime() < NEW_BOT_MS) return true;
  const earlier = await api.search('Task', { identifier: `${tickSystem(bot.name)}|`, _count: '1' });
  return (earlier.entry ?? []).length > 0;
}

/** Watches what is in progress; what does not change for the length of a lease was left by a crash. */
async function takeOverLoop(timetable: Timetable, signal: AbortSignal): Promise<void> {
  const { api, bot, logger, leaseMs } = timetable;
  const watched = new Map<string, { readonly version: string; readonly since: number }>();
  while (!signal.aborted) {
    try {
      const params = { identifier: `${tickSystem(bot.name)}|`, status: 'in-progress', _count: '50' };
      const found = (await api.search('Task', params)).entry ?? [];
      const tasks = found.flatMap(({ resource }) => (resource?.resourceType === 'Task' ? [resource] : []));
      const gone = [...watched.keys()].filter((id) => !tasks.some((task) => task.id === id));
      for (const id of gone) watched.delete(id);
      for (const task of tasks) if (isStale(watched, task, leaseMs)) await resume(timetable, task);
    } catch (error) {
      logger.warn({ err: error }, 'unfinished moments of the timetable not read');
    }
    await pause(Math.min(leaseMs / 2, SLEEP_MAX_MS), signal);
  }
}

/** By the time that this process has watched the version: no two clocks are compared. */
function isStale(
  watched: Map<string, { readonly version: string; readonly since: number }>,
  { id = '', meta }: Task,
  leaseMs: number,
): boolean {
  const known = watched.get(id);
  const version = meta?.versionId ?? '';
  if (known?.version === version) return performance.now() - known.since >= leaseMs;
  watched.set(id, { version, since: performance.now() });
  return false;
}

async function resume(timetable: Timetable, task: Task): Promise<void> {
  const turn = await takeOver(timetable.api, task);
  if (turn === undefined) return;
  timetable.logger.info({ event: turn.event.at.toISOString() }, 'unfinished moment taken over');
  await work(timetable, turn).catch((error: unknown) => {
    timetable.logger.warn({ err: error }, 'unfinished moment not finished; trying again');
  });
}

/** Throws what is worth another attempt: the Task then stays in progress until somebody takes it over. */
async function work(timetable: Timetable, turn: Turn): Promise<void> {
  const lost = new AbortController();
  const beat = setInterval(() => {
    turn.renew().catch((error: unknown) => {
      if (error instanceof HttpFailure && error.status === 412) lost.abort(error);
    });
  }, timetable.leaseMs / 3);
  try {
    const both = AbortSignal.any([timetable.cut, lost.signal]);
    const runs: StageRun[] = [];
    const shown: Shown = { onStep: (words) => turn.renew(words), onRun: (run) => void runs.push(run) };
    const reason = await timetable
      .run(turn.event, both, shown)
      .then(() => undefined)
      .catch(lastingReason);
    clearInterval(beat);
    await turn.end(reason === undefined ? 'completed' : 'failed', reason, runs);
  } finally {
    clearInterval(beat);
  }
}

function lastingReason(error: unknown): string {
  if (error instanceof Error && error.name === 'PermanentFault') return error.message;
  throw error;
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => undefined);
