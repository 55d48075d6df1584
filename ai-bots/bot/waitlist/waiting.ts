/** Who waits for a time, the oldest first, and what was offered to each. */
import type { Appointment, Patient } from '@medplum/fhirtypes';
import type { FhirApi } from '../../sdk/index.ts';
import { loadByReference } from '../appointment-reminder/by-reference.ts';
import { expectedPatients, isExpected } from '../appointment-reminder/upcoming.ts';

const WAITING_MAX = 2_000;
const OFFERS_MAX = 1_000;

export interface Waiting {
  readonly appointment: Appointment;
  /** `Appointment/1`, `Patient/2` */
  readonly reference: string;
  readonly patientReference: string;
  /** When it came onto the list. */
  readonly since: Date;
  /** Undefined when it may not be read. */
  readonly patient?: Patient;
}

/** Of one patient each who is expected; those of several the clinic looks after. */
export async function loadWaiting(fhir: FhirApi): Promise<Waiting[]> {
  const found = await fhir.findAll('Appointment', { status: 'waitlist', _count: '200' }, WAITING_MAX);
  const appointments = found.filter((one) => one.resourceType === 'Appointment').toSorted(byCreation);
  const patients = await loadByReference<Patient>(fhir, 'Patient', appointments.flatMap(expectedPatients));
  return appointments.flatMap((appointment): Waiting[] => {
    const [patientReference, another] = expectedPatients(appointment);
    if (patientReference === undefined || another !== undefined) return [];
    const patient = patients.get(patientReference);
    if (patient !== undefined && !isExpected(patient)) return [];
    const reference = `Appointment/${appointment.id ?? ''}`;
    const since = new Date(createdAt(appointment));
    return [{ appointment, reference, patientReference, since, ...(patient && { patient }) }];
  });
}

const createdAt = ({ created, meta }: Appointment): number => Date.parse(created ?? meta?.lastUpdated ?? '');

/** By id where they were created at once: the order must be the same in each run. */
const byCreation = (a: Appointment, b: Appointment): number =>
  createdAt(a) - createdAt(b) || (a.id ?? '').localeCompare(b.id ?? '');

/** All that was ever offered to it. */
export async function loadOffers(fhir: FhirApi, reference: string): Promise<Appointment[]> {
  const params = { 'supporting-info': reference, _count: '200' };
  const found = await fhir.findAll('Appointment', params, OFFERS_MAX);
  return found.filter((one) => one.resourceType === 'Appointment');
}

const REASONS = 'https://dr-assistant.example/fhir/CodeSystem/appointment-cancelation-reason';

/** One that the server took back since nobody answered. */
export const isUnanswered = ({ cancelationReason }: Appointment): boolean =>
  cancelationReason?.coding?.some((c) => c.system === REASONS && c.code === 'hold-expired') === true;

/** Also one that was booked without a word of the one that waits. */
export const isTaken = ({ status }: Appointment): boolean =>
  ['booked', 'arrived', 'checked-in', 'fulfilled'].includes(status);

export const isOver = ({ requestedPeriod = [] }: Appointment, now: Date): boolean =>
  requestedPeriod.length > 0 && requestedPeriod.every(({ end }) => Date.parse(end ?? '') <= now.getTime());

const ENDS = { 'waitlist-over': 'No time became free.', moved: 'Moved' } as const;

/** Takes it off the list, over the version that was read. */
export async function endWaiting(
  fhir: FhirApi,
  appointment: Appointment,
  code: keyof typeof ENDS,
): Promise<void> {
  const text = ENDS[code];
  await fhir.update(
    {
      ...appointment,
      status: 'cancelled',
      cancelationReason: { coding: [{ system: REASONS, code, display: text }], text },
    },
    { ifMatch: appointment.meta?.versionId ?? '' },
  );
}
