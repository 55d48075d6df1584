/**
 * Reminders that nobody has sent yet and that are no longer right: the appointment was moved or cancelled or has begun, or
 * the patient is not expected or wants none any more.
 */
import type { Appointment, Communication, Patient } from '@medplum/fhirtypes';
import type { FhirApi } from '../../sdk/index.ts';
import { loadByReference } from './by-reference.ts';
import { parseReminderKey, REMINDER_SYSTEM } from './communication.ts';
import { loadOptedOut } from './opt-out.ts';
import { expectedPatients, isExpected } from './upcoming.ts';

const CANCELLED = 'The appointment is no longer booked.';
const MOVED = 'The appointment was moved.';
const NOT_EXPECTED = 'The patient is not expected.';
const OPTED_OUT = 'The patient wants no reminders.';
const WAITING_MAX = 2_000;

/** Sets them to `not-done`, over the version that was read: a gateway that has begun to send one wins. */
export async function withdrawStale(fhir: FhirApi, now: Date, timeZone: string): Promise<number> {
  const waiting = (
    await fhir.findAll(
      'Communication',
      { identifier: `${REMINDER_SYSTEM}|`, status: 'preparation', _count: '200' },
      WAITING_MAX,
    )
  ).filter((resource) => resource.resourceType === 'Communication');
  const keys = waiting.map((communication) => parseReminderKey(keyOf(communication)));
  const references = keys.map((key) => key.patient);
  const state: State = {
    appointments: await loadByReference<Appointment>(
      fhir,
      'Appointment',
      keys.map((key) => key.appointment),
    ),
    patients: await loadByReference<Patient>(fhir, 'Patient', references),
    optedOut: await loadOptedOut(fhir, references, now, timeZone),
  };
  const stale = waiting.flatMap((communication) => {
    const reason = staleReason(communication, state, now);
    return reason === undefined ? [] : [{ communication, reason }];
  });
  for (const { communication, reason } of stale) {
    await fhir.update(
      { ...communication, status: 'not-done', statusReason: { text: reason } },
      { ifMatch: communication.meta?.versionId ?? '' },
    );
  }
  return stale.length;
}

const keyOf = (communication: Communication): string =>
  communication.identifier?.find((i) => i.system === REMINDER_SYSTEM)?.value ?? '';

interface State {
  readonly appointments: ReadonlyMap<string, Appointment>;
  readonly patients: ReadonlyMap<string, Patient>;
  readonly optedOut: ReadonlySet<string>;
}

function staleReason(
  communication: Communication,
  { appointments, patients, optedOut }: State,
  now: Date,
): string | undefined {
  const { appointment: reference, start, patient: patientReference } = parseReminderKey(keyOf(communication));
  const appointment = appointments.get(reference);
  if (appointment?.status !== 'booked') return CANCELLED;
  if (Date.parse(appointment.start ?? '') !== start.getTime()) return MOVED;
  if (start <= now) return 'The appointment has begun.';
  const patient = patients.get(patientReference);
  if (!expectedPatients(appointment).includes(patientReference)) return NOT_EXPECTED;
  if (patient !== undefined && !isExpected(patient)) return NOT_EXPECTED;
  return optedOut.has(patientReference) ? OPTED_OUT : undefined;
}

/** Withdrawn by us, for a reason that may pass: the appointment may be booked again, or moved back. Whether it has passed is for the caller to know. */
export const mayRevive = ({ status, statusReason }: Communication): boolean =>
  status === 'not-done' && [CANCELLED, MOVED, NOT_EXPECTED, OPTED_OUT].includes(statusReason?.text ?? '');

export async function revive(fhir: FhirApi, communication: Communication): Promise<void> {
  const { statusReason: _reason, ...kept } = communication;
  await fhir.update({ ...kept, status: 'preparation' }, { ifMatch: communication.meta?.versionId ?? '' });
}
