/** Dates as ranges by their precision: https://hl7.org/fhir/R4/search.html#date */
import type { Period, Timing } from '@medplum/fhirtypes';
import type { Node } from './select.ts';

/** Inclusive, in milliseconds since 1970; an open end is infinite. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

const ISO = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;

/** From the first to the last millisecond that the text may mean; UTC where it names no zone. */
export function dateRange(text: string): Range {
  const match = ISO.exec(text);
  if (match === null) throw new Error(`not a date: ${text}`);
  const [, year, month, day, hour, minute, second, fraction, zone = 'Z'] = match;
  const start = (y: number, m = 1, d = 1): number => Date.UTC(y, m - 1, d);
  const [y, m, d] = [Number(year), Number(month), Number(day)];
  if (month === undefined) return { low: start(y), high: start(y + 1) - 1 };
  if (day === undefined) return { low: start(y, m), high: start(y, m + 1) - 1 };
  if (hour === undefined) return { low: start(y, m, d), high: start(y, m, d + 1) - 1 };
  const milliseconds = fraction === undefined ? 0 : Math.floor(Number(`0${fraction}`) * 1000);
  const low = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second ?? '00'}${zone}`) + milliseconds;
  if (second === undefined) return { low, high: low + 59_999 };
  return { low, high: fraction === undefined ? low + 999 : low };
}

function periodRange({ start, end }: Period): Range {
  return {
    low: start === undefined ? -Infinity : dateRange(start).low,
    high: end === undefined ? Infinity : dateRange(end).high,
  };
}

/** Only a schedule's outer limits count. */
function timingRanges({ event = [], repeat }: Timing): Range[] {
  const ranges = event.map(dateRange);
  if (repeat?.boundsPeriod) ranges.push(periodRange(repeat.boundsPeriod));
  if (ranges.length === 0) return [];
  return [{ low: Math.min(...ranges.map((r) => r.low)), high: Math.max(...ranges.map((r) => r.high)) }];
}

export function storedDates({ type, value }: Node): Range[] {
  if (type === 'Period') return [periodRange(value as Period)];
  if (type === 'Timing') return timingRanges(value as Timing);
  return typeof value === 'string' ? [dateRange(value)] : [];
}

export const PREFIX = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(?=[-+.\d])/;

export function dateMatches(node: Node, text: string, now: Date): boolean {
  const prefix = PREFIX.exec(text)?.[0] ?? 'eq';
  const search = dateRange(text.replace(PREFIX, ''));
  return storedDates(node).some((stored) => compareDates(prefix, stored, search, now.getTime()));
}

function compareDates(prefix: string, stored: Range, search: Range, now: number): boolean {
  const contained = stored.low >= search.low && stored.high <= search.high;
  const slack = Math.abs(now - (search.low + search.high) / 2) / 10;
  switch (prefix) {
    case 'ne':
      return !contained;
    case 'gt':
      return stored.high > search.high;
    case 'lt':
      return stored.low < search.low;
    case 'ge':
      return stored.high > search.high || contained;
    case 'le':
      return stored.low < search.low || contained;
    case 'sa':
      return stored.low > search.high;
    case 'eb':
      return stored.high < search.low;
    case 'ap':
      return stored.high >= search.low - slack && stored.low <= search.high + slack;
    default:
      return contained;
  }
}
