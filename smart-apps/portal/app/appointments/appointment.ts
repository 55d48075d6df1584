/** Appointments as a patient thinks of them: what is to come, what is over, and free times by the day. Pure. */
import type { Appointment, AppointmentParticipant } from '@medplum/fhirtypes';

const AHEAD: readonly Appointment['status'][] = [
  'proposed',
  'pending',
  'booked',
  'arrived',
  'checked-in',
  'waitlist',
];

/** In the server's words for a hold that is over; the portal says the same when the patient takes another time. */
export const HOLD_OVER = 'It was held, and not booked in time.';

const startOf = ({ start }: Appointment): number => (start === undefined ? 0 : Date.parse(start));
const endOf = ({ start, end }: Appointment): number => Date.parse(end ?? start ?? '');

/** The next first. One without a time yet is to come, too. */
export const upcomingOf = (appointments: readonly Appointment[], now: Date): Appointment[] =>
  appointments
    .filter((a) => AHEAD.includes(a.status) && !(endOf(a) <= now.getTime()))
    .toSorted((a, b) => startOf(a) - startOf(b));

/** What is over or was cancelled, the newest first, without what was only held. */
export const pastOf = (appointments: readonly Appointment[], now: Date): Appointment[] =>
  appointments
    .filter((a) => a.status !== 'entered-in-error' && a.cancelationReason?.text !== HOLD_OVER)
    .filter((a) => !upcomingOf([a], now).includes(a))
    .toSorted((a, b) => startOf(b) - startOf(a));

/** Whether the patient may still move or cancel it: the server refuses what has begun. */
export const isChangeable = ({ status, start }: Appointment, now: Date): boolean =>
  (status === 'booked' || status === 'pending') && start !== undefined && Date.parse(start) > now.getTime();

const isOfType = ({ actor }: AppointmentParticipant, types: readonly string[]): boolean =>
  types.some((type) => actor?.reference?.startsWith(`${type}/`) === true);

const STAFF = ['Practitioner', 'PractitionerRole', 'Device', 'HealthcareService'];
const nameOfActor = ({ actor }: AppointmentParticipant): string[] => (actor?.display ? [actor.display] : []);

/** With whom. */
export const staffOf = ({ participant }: Appointment): string[] =>
  participant.filter((p) => isOfType(p, STAFF)).flatMap(nameOfActor);

/** Where. */
export const placesOf = ({ participant }: Appointment): string[] =>
  participant.filter((p) => isOfType(p, ['Location'])).flatMap(nameOfActor);

/** `2026-11-30` in a time zone; the machine's own when there is none. */
export function dayIn(date: Date, timeZone?: string): string {
  // The Swedish way to write a date is ISO 8601.
  return new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeZone }).format(date);
}

/** A day so many days later. */
export function addDays(day: string, count: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + count);
  return date.toISOString().slice(0, 10);
}

/** Free times by their day in the time zone, both in order. */
export function byDay(proposals: readonly Appointment[], timeZone?: string): [string, Appointment[]][] {
  const days = Map.groupBy(
    proposals.filter(({ start }) => start !== undefined),
    (p) => dayIn(new Date(startOf(p)), timeZone),
  );
  return [...days]
    .map(([day, of]): [string, Appointment[]] => [day, of.toSorted((a, b) => startOf(a) - startOf(b))])
    .toSorted(([a], [b]) => a.localeCompare(b));
}
