/** When a Schedule has Slots week by week: an extension of the Schedule, as nothing in R4 says it. */
import type { Extension, Period, Schedule } from '@medplum/fhirtypes';
import { IANAZone } from 'luxon';

export const RECURRENCE_URL = 'https://dr-assistant.example/fhir/StructureDefinition/schedule-recurrence';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const MINUTES_MAX = 1_440;
const CLOCK = /^([01]\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?$|^(24):(00)(?::00)?$/;

/** A part of some days of the week, by the clocks of the place. */
export interface AvailableTime {
  /** 1 for Monday to 7 for Sunday. */
  readonly weekdays: ReadonlySet<number>;
  /** Minutes after midnight. */
  readonly from: number;
  readonly to: number;
}

export interface Recurrence {
  /** IANA name. */
  readonly timeZone: string;
  /** Of each Slot. */
  readonly minutes: number;
  readonly availableTimes: readonly AvailableTime[];
  readonly notAvailable: readonly Period[];
}

/** `fault`: why it cannot be followed, in words without anything of its content. */
export type Parsed = { readonly recurrence: Recurrence } | { readonly fault: string } | undefined;

/** Undefined for a Schedule that has none. */
export function parseRecurrence({ extension = [] }: Pick<Schedule, 'extension'>): Parsed {
  const [given, second] = extension.filter(({ url }) => url === RECURRENCE_URL);
  if (given === undefined) return undefined;
  if (second !== undefined) return { fault: 'there are two recurrences' };
  const timeZone = only(given, 'timeZone')?.valueCode ?? '';
  const minutes = only(given, 'minutesDuration')?.valuePositiveInt ?? 0;
  const times = partsOf(given, 'availableTime').map(parseAvailableTime);
  if (!IANAZone.isValidZone(timeZone)) return { fault: 'timeZone is no IANA time zone' };
  if (!Number.isInteger(minutes) || minutes < 5 || minutes > MINUTES_MAX)
    return { fault: `minutesDuration is not from 5 to ${MINUTES_MAX}` };
  const availableTimes = times.filter((time) => time !== undefined);
  if (availableTimes.length === 0 || availableTimes.length < times.length)
    return { fault: 'availableTime needs daysOfWeek, start and a later end' };
  const notAvailable = partsOf(given, 'notAvailable').flatMap(({ valuePeriod }) => valuePeriod ?? []);
  return { recurrence: { timeZone, minutes, availableTimes, notAvailable } };
}

const partsOf = ({ extension = [] }: Extension, name: string): Extension[] =>
  extension.filter(({ url }) => url === name);

const only = (of: Extension, name: string): Extension | undefined => partsOf(of, name)[0];

function parseAvailableTime(part: Extension): AvailableTime | undefined {
  const weekdays = partsOf(part, 'daysOfWeek').map(
    ({ valueCode = '' }) => (DAYS as readonly string[]).indexOf(valueCode) + 1,
  );
  const from = minuteOf(only(part, 'start')?.valueTime);
  const to = minuteOf(only(part, 'end')?.valueTime);
  const isGood = weekdays.length > 0 && !weekdays.includes(0) && from !== undefined && to !== undefined && from < to; // prettier-ignore
  return isGood ? { weekdays: new Set(weekdays), from, to } : undefined;
}

/** Midnight at the end of a day may be written `24:00` nowhere in FHIR: `23:59` and `23:59:59` mean it. */
function minuteOf(time: string | undefined): number | undefined {
  const [, hour, minute] = CLOCK.exec(time ?? '') ?? [];
  if (hour === undefined || minute === undefined) return undefined;
  const at = Number(hour) * 60 + Number(minute);
  return at === MINUTES_MAX - 1 ? MINUTES_MAX : at;
}
