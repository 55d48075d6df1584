/** Reminders that nobody has sent yet and that are no longer true: moved or cancelled appointments, and those that have begun. */
import type { Appointment, Communication } from '@medplum/fhirtypes';
import type { FhirApi } from '../../sdk/index.ts';
import { parseReminderKey, REMINDER_SYSTEM } from './communication.ts';

const CANCELLED = 'The appointment is no longer booked.';
const MOVED = 'The appointment was moved.';
const WAITING_MAX = 2_000;
const AT_ONCE = 50;

/** Sets them to `not-done`, over the version that was read: a gateway that has begun to send one wins. */
export async function withdrawStale(fhir: FhirApi, now: Date): Promise<number> {
  const waiting = (
    await fhir.findAll(
      'Communication',
      { identifier: `${REMINDER_SYSTEM}|`, status: 'preparation', _count: '200' },
      WAITING_MAX,
    )
  ).filter((resource) => resource.resourceType === 'Communication');
  const appointments = await loadAppointments(fhir, waiting);
  const stale = waiting.flatMap((communication) => {
    const reason = staleReason(communication, appointments, now);
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

async function loadAppointments(
  fhir: FhirApi,
  waiting: readonly Communication[],
): Promise<ReadonlyMap<string, Appointment>> {
  const ids = [...new Set(waiting.map((c) => parseReminderKey(keyOf(c)).appointment.split('/')[1] ?? ''))];
  const byReference = new Map<string, Appointment>();
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const _id = ids.slice(from, from + AT_ONCE).join(',');
    for (const found of await fhir.findAll('Appointment', { _id, _count: String(AT_ONCE) }, AT_ONCE))
      if (found.resourceType === 'Appointment') byReference.set(`Appointment/${found.id ?? ''}`, found);
  }
  return byReference;
}

function staleReason(
  communication: Communication,
  appointments: ReadonlyMap<string, Appointment>,
  now: Date,
): string | undefined {
  const { appointment: reference, start } = parseReminderKey(keyOf(communication));
  const appointment = appointments.get(reference);
  if (appointment?.status !== 'booked') return CANCELLED;
  if (Date.parse(appointment.start ?? '') !== start.getTime()) return MOVED;
  return start <= now ? 'The appointment has begun.' : undefined;
}

/** Withdrawn by us, for a reason that may pass: the appointment may be booked again, or moved back. */
export const mayRevive = ({ status, statusReason }: Communication): boolean =>
  status === 'not-done' && [CANCELLED, MOVED].includes(statusReason?.text ?? '');

export async function revive(fhir: FhirApi, communication: Communication): Promise<void> {
  const { statusReason: _reason, ...kept } = communication;
  await fhir.update({ ...kept, status: 'preparation' }, { ifMatch: communication.meta?.versionId ?? '' });
}
