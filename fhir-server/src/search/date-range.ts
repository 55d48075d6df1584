/** FHIR dates of any precision as closed ranges of milliseconds. https://hl7.org/fhir/R4/datatypes.html#dateTime */

export interface DateRange {
  readonly low: number;
  readonly high: number;
}

const DATE = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;
const MINUTE_MS = 60_000;

/**
 * The whole interval that the text may mean: `2020-02` is all of February. UTC is assumed where no zone is given.
 * Undefined for what is not a date, such as 2023-02-30.
 */
export function parseDateRange(text: string): DateRange | undefined {
  const found = DATE.exec(text);
  if (!found) return undefined;
  const [, y, mo, d, h, mi, s, fraction, zone] = found;
  const year = Number(y);
  if (mo === undefined) return year === 0 ? undefined : range(utc(year, 0, 1), utc(year + 1, 0, 1));
  const month = Number(mo) - 1;
  if (year === 0 || month < 0 || month > 11) return undefined;
  if (d === undefined) return range(utc(year, month, 1), utc(year, month + 1, 1));
  const day = Number(d);
  const start = utc(year, month, day);
  if (day < 1 || new Date(start).getUTCMonth() !== month) return undefined;
  if (h === undefined) return range(start, utc(year, month, day + 1));
  return timeRange(start, [h, mi!, s, fraction], zone);
}

function timeRange(
  day: number,
  [h, mi, s, fraction]: readonly [string, string, string | undefined, string | undefined],
  zone: string | undefined,
): DateRange | undefined {
  // 60 is a leap second, which FHIR allows; it is counted as the first second of the next minute.
  if (Number(h) > 23 || Number(mi) > 59 || Number(s ?? 0) > 60) return undefined;
  const offset = zoneOffsetMs(zone);
  if (offset === undefined) return undefined;
  const low = day + (Number(h) * 60 + Number(mi)) * MINUTE_MS + Number(s ?? 0) * 1000 - offset;
  if (s === undefined) return range(low, low + MINUTE_MS);
  if (fraction === undefined) return range(low, low + 1000);
  const ms = fraction.padEnd(3, '0').slice(0, 3);
  const step = 10 ** (3 - Math.min(fraction.length, 3));
  return range(low + Number(ms), low + Number(ms) + step);
}

function zoneOffsetMs(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * MINUTE_MS;
}

/** Date.UTC reads years below 100 as 19xx, so that they need the long way. */
function utc(year: number, month: number, day: number): number {
  return year >= 100 ? Date.UTC(year, month, day) : new Date(0).setUTCFullYear(year, month, day);
}

const range = (low: number, end: number): DateRange => ({ low, high: end - 1 });
