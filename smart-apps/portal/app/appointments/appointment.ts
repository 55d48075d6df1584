/** Appointments as a patient thinks of them: what is to come, what is over, and free times by the day. Pure. */
import type { Appointment, AppointmentParticipant, CodeableConcept } from '@medplum/fhirtypes';

const AHEAD: readonly Appointment['status'][] = ['proposed', 'pending', 'booked', 'arrived', 'checked-in'];

/** Why it was cancelled, where that is no reason of a person's (fhir-server/docs/scheduling.md). */
const REASONS = 'https://dr-assistant.example/fhir/CodeSystem/appointment-cancelation-reason';
const HELD_UNTIL = 'https://dr-assistant.example/fhir/StructureDefinition/appointment-held-until';

/** @param text for the clinic, which reads it in the Appointment */
export const codedReason = (code: 'hold-released' | 'offer-declined', text: string): CodeableConcept => ({
  coding: [{ system: REASONS, code }],
  text,
});

const isCancelledFor = ({ cancelationReason }: Appointment, codes: readonly string[]): boolean =>
  cancelationReason?.coding?.some(({ system, code = '' }) => system === REASONS && codes.includes(code)) ===
  true;

/** What was only kept for a while, and what waited until there was a time. */
const isUntold = (appointment: Appointment): boolean =>
  isCancelledFor(appointment, ['hold-expired', 'hold-released', 'offer-declined']) ||
  (appointment.start === undefined && isCancelledFor(appointment, ['moved']));

/** The Appointment that is named as that for which this time is offered; undefined for one that is no offer. */
export const waitingIdOf = ({ status, supportingInformation }: Appointment): string | undefined =>
  status === 'pending'
    ? supportingInformation
        ?.flatMap(({ reference = '' }) => /(?:^|\/)Appointment\/([^/]+)$/.exec(reference)?.[1] ?? [])
        .at(0)
    : undefined;

/** Until when the time is kept. */
export const keptUntil = ({ extension }: Appointment): string | undefined =>
  extension?.find(({ url }) => url === HELD_UNTIL)?.valueInstant;

const startOf = ({ start }: Appointment): number => (start === undefined ? 0 : Date.parse(start));
const endOf = ({ start, end }: Appointment): number => Date.parse(end ?? start ?? '');

/** A time that is kept for one that waits; what is pending for another reason is none. */
const isOffer = (appointment: Appointment, appointments: readonly Appointment[]): boolean => {
  const id = waitingIdOf(appointment);
  const isWaiting = appointments.some((a) => a.id === id && a.status === 'waitlist');
  return id !== undefined && isWaiting && keptUntil(appointment) !== undefined;
};

/** Times that are offered to who waits, and still kept; the next first. */
export const offersOf = (appointments: readonly Appointment[], now: Date): Appointment[] =>
  appointments
    .filter((a) => isOffer(a, appointments) && Date.parse(keptUntil(a) ?? '') > now.getTime())
    .toSorted((a, b) => startOf(a) - startOf(b));

/** Those that wait for a time, the oldest first. */
export const waitingOf = (appointments: readonly Appointment[]): Appointment[] =>
  appointments
    .filter(({ status }) => status === 'waitlist')
    .toSorted((a, b) => Date.parse(a.created ?? '') - Date.parse(b.created ?? ''));

/** The next first, without what is offered. One without a time yet is to come, too. */
export const upcomingOf = (appointments: readonly Appointment[], now: Date): Appointment[] =>
  appointments
    .filter((a) => AHEAD.includes(a.status) && !isOffer(a, appointments) && !(endOf(a) <= now.getTime()))
    .toSorted((a, b) => startOf(a) - startOf(b));

/** What is over or was cancelled, the newest first, without what was only held. */
export const pastOf = (appointments: readonly Appointment[], now: Date): Appointment[] =>
  appointments
    .filter((a) => a.status !== 'entered-in-error' && a.status !== 'waitlist' && !isUntold(a))
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
