/** When a reminder is due: so long before the start, but not while people sleep, in the time zone of the place. */
import { Cron } from 'croner';

/** Minutes after midnight; they may span midnight. */
export interface QuietHours {
  readonly from: number;
  readonly to: number;
}

/** A reminder that would come later than this before the start comes before the quiet hours instead. */
const MARGIN_MS = 30 * 60_000;

export interface Place {
  readonly timeZone: string;
  readonly quietHours?: QuietHours;
}

/** The lead time whose reminder is to be there now: the shortest that is due; undefined when none is, or not at this hour. */
export function leadDue(
  start: Date,
  leadTimesMs: readonly number[],
  place: Place,
  now: Date,
): number | undefined {
  if (now >= start || isQuiet(now, place)) return undefined;
  return leadTimesMs.toSorted((a, b) => a - b).find((leadMs) => dueAt(start, leadMs, place) <= now);
}

/** After the quiet hours when that leaves time before the start, and otherwise before them. */
export function dueAt(start: Date, leadMs: number, place: Place): Date {
  const due = new Date(start.getTime() - leadMs);
  if (place.quietHours === undefined || !isQuiet(due, place)) return due;
  const { from, to } = place.quietHours;
  const over = daily(to, place.timeZone).nextRun(due);
  if (over !== null && over.getTime() + MARGIN_MS <= start.getTime()) return over;
  const began = daily(from, place.timeZone).previousRuns(1, new Date(due.getTime() + 1))[0] ?? due;
  return new Date(began.getTime() - MARGIN_MS);
}

function isQuiet(at: Date, { timeZone, quietHours }: Place): boolean {
  if (quietHours === undefined) return false;
  const { from, to } = quietHours;
  const minute = minuteOfDay(at, timeZone);
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

function minuteOfDay(at: Date, timeZone: string): number {
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(at);
  const [hour = '0', minute = '0'] = clock.split(':');
  return (Number(hour) % 24) * 60 + Number(minute);
}

/** The moments at which clocks there show this time, also across daylight saving. */
const daily = (minute: number, timezone: string): Cron =>
  new Cron(`${minute % 60} ${Math.floor(minute / 60)} * * *`, { timezone, paused: true });
