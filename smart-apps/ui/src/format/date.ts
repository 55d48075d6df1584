/** FHIR dates and times (http://hl7.org/fhir/R4/datatypes.html#dateTime) as precisely as they are known. */
import type { Period } from '@medplum/fhirtypes';
import type { Words } from '../i18n/words.ts';

const FORM = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?)?)?$/;

type Precision = 'year' | 'month' | 'day' | 'time';

interface Moment {
  readonly date: Date;
  readonly precision: Precision;
}

/** Undefined when the text is no FHIR date. Days stand at midnight UTC, whatever the time zone here. */
function momentOf(value: string): Moment | undefined {
  const parts = FORM.exec(value);
  if (parts === null) return undefined;
  const [, year, month, day, hour] = parts;
  if (hour !== undefined) {
    const date = new Date(value);
    return Number.isNaN(date.getTime()) ? undefined : { date, precision: 'time' };
  }
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month ?? 1) - 1, Number(day ?? 1));
  const isOfCalendar = date.getUTCMonth() === Number(month ?? 1) - 1;
  if (!isOfCalendar) return undefined;
  return { date, precision: day !== undefined ? 'day' : month !== undefined ? 'month' : 'year' };
}

const OPTIONS: Readonly<Record<Precision, Intl.DateTimeFormatOptions>> = {
  year: { year: 'numeric' },
  month: { year: 'numeric', month: 'long' },
  day: { dateStyle: 'medium' },
  time: { dateStyle: 'medium', timeStyle: 'short' },
};

const formatter = (
  precision: Precision,
  { language, timeZone }: Words,
  withSeconds = false,
): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat(language, {
    ...OPTIONS[precision],
    ...(precision === 'time' && withSeconds ? { timeStyle: 'long' } : {}),
    // A day is the same day everywhere; only what has a time is moved to the user's time zone.
    timeZone: precision === 'time' ? timeZone : 'UTC',
  });

/** date, dateTime or instant; what is no date stays as it is. */
export function formatDate(value: string, words: Words): string {
  const moment = momentOf(value);
  return moment === undefined ? value : formatter(moment.precision, words).format(moment.date);
}

/** An instant with seconds and the time zone's name, as a log needs it. */
export function formatInstant(value: string, words: Words): string {
  const moment = momentOf(value);
  return moment === undefined ? value : formatter(moment.precision, words, true).format(moment.date);
}

/** The day alone of a date or a time, in the user's time zone. */
export function formatDay(value: string, words: Words): string {
  const moment = momentOf(value);
  if (moment?.precision !== 'time') return formatDate(value, words);
  const { language, timeZone } = words;
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone }).format(moment.date);
}

/** FHIR's time: `08:30:00`. */
export function formatTime(value: string, { language }: Words): string {
  const parts = /^(\d\d):(\d\d)/.exec(value);
  if (parts === null) return value;
  const date = new Date(Date.UTC(2000, 0, 1, Number(parts[1]), Number(parts[2])));
  return new Intl.DateTimeFormat(language, { timeStyle: 'short', timeZone: 'UTC' }).format(date);
}

/** Empty when it has neither start nor end. */
export function formatPeriod({ start, end }: Period, words: Words): string {
  if (start === undefined && end === undefined) return '';
  if (start === undefined) return words.t('date.until', { end: formatDate(end ?? '', words) });
  if (end === undefined) return words.t('date.from', { start: formatDate(start, words) });
  const [from, until] = [momentOf(start), momentOf(end)];
  if (
    from === undefined ||
    until === undefined ||
    from.precision !== until.precision ||
    from.date > until.date
  )
    return `${formatDate(start, words)} – ${formatDate(end, words)}`;
  return formatter(from.precision, words).formatRange(from.date, until.date);
}
