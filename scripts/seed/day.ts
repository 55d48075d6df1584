/** Calendar days as `2026-11-23`, and times of day by the clock of this machine. */

const DAY_MS = 86_400_000;

export const addDays = (day: string, count: number): string =>
  new Date(Date.parse(day) + count * DAY_MS).toISOString().slice(0, 10);

/** The day itself or, of a weekend, the Friday before. */
export function workday(day: string): string {
  const weekday = new Date(day).getUTCDay();
  return weekday === 6 ? addDays(day, -1) : weekday === 0 ? addDays(day, -2) : day;
}

export function yearsBetween(from: string, to: string): number {
  return Math.floor((Date.parse(to) - Date.parse(from)) / (365.25 * DAY_MS));
}

/** What this machine calls today. */
export function localDay(now = new Date()): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** The instant at which the clock of this machine shows the time (`09:20`) on the day. */
export const instantOn = (day: string, time: string): string => toInstant(Date.parse(`${day}T${time}:00`));

export const minutesAfter = (instant: string, minutes: number): string =>
  toInstant(Date.parse(instant) + minutes * 60_000);

const toInstant = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');

export const timeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
