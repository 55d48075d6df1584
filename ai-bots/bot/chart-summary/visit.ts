/** The visit that a summary is for: an Encounter, or an Appointment whose patient has come. */
import type { Appointment, Encounter, Resource } from '@medplum/fhirtypes';
import type { FhirApi } from '../../sdk/index.ts';
import { wordsOf } from './facts/fact.ts';

export interface Visit {
  /**
   * What the summary is kept for: the Appointment where there is one, so that it and its Encounter share a summary, and
   * the patient, since a group comes to one Appointment.
   */
  readonly key: string;
  /** `Patient/1` */
  readonly patient: string;
  readonly encounter?: string;
  /** Why the patient comes, as it was written when the visit was made. */
  readonly reason?: string;
  /** Once the visit has begun, its summary stays as the clinician has read it. */
  readonly hasBegun: boolean;
}

/** Undefined for a visit that is over or cancelled, and for one of a group. */
export async function loadVisit(fhir: FhirApi, resource: Resource): Promise<Visit | undefined> {
  if (resource.resourceType === 'Encounter') return ofEncounter(resource);
  if (resource.resourceType !== 'Appointment') return undefined;
  const found = await fhir.search('Encounter', {
    appointment: `Appointment/${resource.id ?? ''}`,
    _sort: '-date',
    _count: '1',
  });
  const encounter = found.entry?.[0]?.resource;
  return encounter?.resourceType === 'Encounter' ? ofEncounter(encounter) : ofAppointment(resource);
}

export function ofEncounter(encounter: Encounter): Visit | undefined {
  const { status, subject, appointment, reasonCode, id = '' } = encounter;
  if (!['planned', 'arrived', 'in-progress'].includes(status ?? '')) return undefined;
  const patient = patientIn(subject?.reference);
  if (patient === undefined) return undefined;
  const reasons = (reasonCode ?? []).flatMap((one) => wordsOf(one) ?? []);
  return {
    key: keyOf(appointment?.[0]?.reference ?? `Encounter/${id}`, patient),
    patient,
    encounter: `Encounter/${id}`,
    hasBegun: status === 'in-progress',
    ...(reasons.length === 0 ? {} : { reason: reasons.join(', ') }),
  };
}

function ofAppointment({
  id = '',
  status,
  participant,
  reasonCode,
  description,
}: Appointment): Visit | undefined {
  const patients = participant.flatMap(({ actor }) => patientIn(actor?.reference) ?? []);
  const [patient] = patients;
  if (status !== 'checked-in' || patient === undefined || patients.length > 1) return undefined;
  const reasons = (reasonCode ?? []).flatMap((one) => wordsOf(one) ?? []);
  const reason = reasons.length > 0 ? reasons.join(', ') : description;
  return {
    key: keyOf(`Appointment/${id}`, patient),
    patient,
    hasBegun: false,
    ...(reason === undefined ? {} : { reason }),
  };
}

const keyOf = (visit: string, patient: string): string => `${visit}|${patient}`;

const patientIn = (reference: string | undefined): string | undefined =>
  /^Patient\/[^/]+$/.test(reference ?? '') ? reference : undefined;
