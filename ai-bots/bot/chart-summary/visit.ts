/** The visit that a summary is for: an Encounter, or an Appointment whose patient has come. */
import type { Appointment, Encounter, Reference, Resource } from '@medplum/fhirtypes';
import { clinicianIn, type FhirApi } from '../../sdk/index.ts';
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
  readonly appointment?: string;
  /** `Practitioner/1`, `PractitionerRole/2`, of the resource that the visit was read from. */
  readonly practitioners: readonly string[];
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
  const { status, subject, appointment, participant, reasonCode, id = '' } = encounter;
  if (!['planned', 'arrived', 'in-progress'].includes(status ?? '')) return undefined;
  const patient = patientIn(subject?.reference);
  if (patient === undefined) return undefined;
  const reasons = (reasonCode ?? []).flatMap((one) => wordsOf(one) ?? []);
  const planned = appointment?.[0]?.reference;
  return {
    key: keyOf(planned ?? `Encounter/${id}`, patient),
    patient,
    encounter: `Encounter/${id}`,
    ...(planned === undefined ? {} : { appointment: planned }),
    practitioners: practitionersOf(participant?.map(({ individual }) => ({ actor: individual }))),
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
    practitioners: practitionersOf(participant),
    hasBegun: false,
    ...(reason === undefined ? {} : { reason }),
  };
}

export const practitionersOf = (participant: readonly { actor?: Reference | undefined }[] = []): string[] =>
  participant.flatMap(({ actor }) => clinicianIn(actor?.reference) ?? []);

const keyOf = (visit: string, patient: string): string => `${visit}|${patient}`;

const patientIn = (reference: string | undefined): string | undefined =>
  /^Patient\/[^/]+$/.test(reference ?? '') ? reference : undefined;
