/** Moments of a timetable, also across daylight saving. */
import { Cron } from 'croner';
import type { CronTrigger } from '../../sdk/index.ts';

const timetable = ({ cron, timeZone }: CronTrigger): Cron =>
  new Cron(cron, { timezone: timeZone ?? 'UTC', paused: true });

/** The latest moment that has come; undefined when there was none. */
export function latestTick(trigger: CronTrigger, now: Date): Date | undefined {
  // A moment counts from its first millisecond; `previousRuns` looks before its reference.
  return timetable(trigger).previousRuns(1, new Date(now.getTime() + 1))[0];
}

/** The next moment that has not come yet; undefined when there is none. */
export const nextTick = (trigger: CronTrigger, now: Date): Date | undefined =>
  timetable(trigger).nextRun(now) ?? undefined;
