/** The settings of the reminders. Each name is documented in docs/configuration.md of the server. */
import { readSettings, type SettingsReader } from '../../sdk/index.ts';
import type { QuietHours } from './due.ts';
import { hasWords, LANGUAGES } from './wording.ts';

export interface Settings {
  readonly everyMinutes: number;
  /** How long before the start, in milliseconds, ascending. */
  readonly leadTimesMs: readonly number[];
  /** IANA name, for appointments whose place does not tell. */
  readonly timeZone: string;
  /** BCP 47, for patients whose language is not known or has no words. */
  readonly language: string;
  readonly quietHours?: QuietHours;
  /** Stands at the end of a reminder. */
  readonly signature?: string;
}

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 24 * 3_600_000 };
const LEAD_MAX_MS = 30 * 24 * 3_600_000;

/** Throws SettingsError. */
export function reminderSettings(env: NodeJS.ProcessEnv): Settings {
  const read = readSettings(env);
  const { text, whole, list, optional } = read;
  const timeZone = text('REMINDER_TIME_ZONE', 'UTC');
  if (!isTimeZone(timeZone)) read.fault('REMINDER_TIME_ZONE is no time zone, such as Europe/Vienna');
  const language = text('REMINDER_LANGUAGE', 'en');
  if (!hasWords(language))
    read.fault(`REMINDER_LANGUAGE must be one of ${LANGUAGES.join(', ')}, with a region if you like: de-AT`);
  const quietHours = parseQuietHours(text('REMINDER_QUIET_HOURS', '21:00-08:00'), read);
  const settings: Settings = {
    everyMinutes: whole('REMINDER_EVERY_MINUTES', 5, 1, 60),
    leadTimesMs: parseLeadTimes(list('REMINDER_LEAD_TIMES', '48h,2h'), read),
    timeZone,
    language,
    ...(quietHours === undefined ? {} : { quietHours }),
    ...optional('REMINDER_SIGNATURE', 'signature'),
  };
  read.check();
  return settings;
}

export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function parseLeadTimes(items: readonly string[], read: SettingsReader): number[] {
  const times = items.map((item) => {
    const [, count = '', unit = ''] = /^(\d+)([mhd])$/.exec(item) ?? [];
    return Number(count) * (UNIT_MS[unit] ?? 0);
  });
  if (times.length === 0 || times.some((ms) => ms < 5 * 60_000 || ms > LEAD_MAX_MS))
    read.fault('REMINDER_LEAD_TIMES must be times from 5m to 30d with commas between them, such as 48h,2h');
  return [...new Set(times)].toSorted((a, b) => a - b);
}

function parseQuietHours(text: string, read: SettingsReader): QuietHours | undefined {
  if (text === 'none') return undefined;
  const clock = '([01]\\d|2[0-3]):([0-5]\\d)';
  const [, h1, m1, h2, m2] = new RegExp(`^${clock}-${clock}$`).exec(text) ?? [];
  const hours = { from: Number(h1) * 60 + Number(m1), to: Number(h2) * 60 + Number(m2) };
  if (h1 === undefined || hours.from === hours.to)
    read.fault('REMINDER_QUIET_HOURS must be like 21:00-08:00, or none');
  return hours;
}
