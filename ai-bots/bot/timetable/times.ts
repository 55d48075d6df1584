/** The times of a recurrence, by the clocks of its place: no hour is offered twice or missing when they change. */
import type { Period } from '@medplum/fhirtypes';
import { DateTime, Interval } from 'luxon';
import type { AvailableTime, Recurrence } from './recurrence.ts';

export interface Time {
  /** With the offset that the place has then: `2026-12-01T09:00:00+01:00`. */
  readonly start: string;
  readonly end: string;
}

/** All that begin in the period, in their order. */
export function timesOf(recurrence: Recurrence, from: Date, to: Date): Time[] {
  const { timeZone, minutes, availableTimes, notAvailable } = recurrence;
  const closed = notAvailable.map((period) => intervalOf(period, timeZone));
  const first = DateTime.fromJSDate(from, { zone: timeZone }).startOf('day');
  const found: DateTime[] = [];
  for (let day = first; day.toMillis() < to.getTime(); day = day.plus({ days: 1 }).startOf('day'))
    for (const time of availableTimes) if (time.weekdays.has(day.weekday)) found.push(...startsOn(day, time, minutes)); // prettier-ignore
  const isOpen = (start: DateTime): boolean => {
    const slot = Interval.after(start, { minutes });
    return start.toMillis() >= from.getTime() && start.toMillis() < to.getTime() && !closed.some((one) => one.overlaps(slot)); // prettier-ignore
  };
  return withoutOverlap(found.filter(isOpen), minutes).map((start) => ({
    start: instant(start),
    end: instant(start.plus({ minutes })),
  }));
}

const instant = (time: DateTime): string => time.toISO({ suppressMilliseconds: true })!;

/** Minutes are those that pass: a night of 7 hours on the clock has as many as it really has. */
function startsOn(day: DateTime, { from, to }: AvailableTime, minutes: number): DateTime[] {
  const at = (minute: number): DateTime =>
    minute === 1_440
      ? day.plus({ days: 1 }).startOf('day')
      : day.set({ hour: Math.floor(minute / 60), minute: minute % 60 });
  const end = at(to);
  const starts: DateTime[] = [];
  for (let start = at(from); start.plus({ minutes }) <= end; start = start.plus({ minutes }))
    starts.push(start);
  return starts;
}

/** Where available times meet or overlap, the earlier one goes first. */
function withoutOverlap(starts: readonly DateTime[], minutes: number): DateTime[] {
  let free = -Infinity;
  return starts
    .toSorted((a, b) => a.toMillis() - b.toMillis())
    .filter((start) => {
      if (start.toMillis() < free) return false;
      free = start.plus({ minutes }).toMillis();
      return true;
    });
}

/** A date at the end of a period is its whole day. https://hl7.org/fhir/R4/datatypes.html#Period */
function intervalOf({ start, end }: Period, zone: string): Interval {
  const from = start === undefined ? DateTime.fromMillis(0) : DateTime.fromISO(start, { zone });
  const last = end === undefined ? DateTime.fromMillis(8.64e15) : DateTime.fromISO(end, { zone });
  const unit = end === undefined ? undefined : end.length === 4 ? 'year' : end.length === 7 ? 'month' : end.length === 10 ? 'day' : undefined; // prettier-ignore
  return Interval.fromDateTimes(from, unit === undefined ? last : last.plus({ [`${unit}s`]: 1 }));
}
