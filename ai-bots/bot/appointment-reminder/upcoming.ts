/** Appointments to come, with the patients who are expected and the time zone of the place. */
import type { Appointment, Location, Organization, Patient, Resource } from '@medplum/fhirtypes';
import type { FhirApi } from '../../sdk/index.ts';
import { loadByReference } from './by-reference.ts';
import { isTimeZone } from './settings.ts';

/** Of an appointment of one patient; one with several patients occurs several times. */
export interface Upcoming {
  readonly appointment: Appointment;
  /** `Appointment/1`, `Patient/2` */
  readonly reference: string;
  readonly patientReference: string;
  readonly start: Date;
  /** Undefined when it may not be read. */
  readonly patient?: Patient;
  readonly timeZone: string;
}

const APPOINTMENTS_MAX = 5_000;
/** https://hl7.org/fhir/extensions/StructureDefinition-timezone.html */
const TIME_ZONE_EXTENSION = 'http://hl7.org/fhir/StructureDefinition/timezone';

/**
 * One search, page after page; what these leave out, since the server has a limit to what comes along, is read by itself.
 * @param timeZone when neither the place nor its organization tells
 */
export async function loadUpcoming(
  fhir: FhirApi,
  now: Date,
  horizon: Date,
  timeZone: string,
): Promise<Upcoming[]> {
  const found = await fhir.findAll(
    'Appointment',
    {
      status: 'booked',
      date: [`ge${now.toISOString()}`, `lt${horizon.toISOString()}`],
      _sort: 'date',
      _count: '200',
      _include: ['Appointment:patient', 'Appointment:location'],
      '_include:iterate': ['Location:organization', 'Patient:organization'],
    },
    APPOINTMENTS_MAX,
  );
  return upcomingOf(await complete(fhir, found), timeZone);
}

/** Patients and places first, since these name the organizations. */
async function complete(fhir: FhirApi, found: readonly Resource[]): Promise<Resource[]> {
  const known = new Map(found.map((r) => [nameOf(r), r]));
  const add = async (type: 'Patient' | 'Location' | 'Organization', references: readonly string[]) => {
    const missing = references.filter((reference) => !known.has(reference));
    for (const [reference, one] of await loadByReference(fhir, type, missing)) known.set(reference, one);
  };
  const appointments = found.filter((r) => r.resourceType === 'Appointment');
  await add('Patient', appointments.flatMap(expectedPatients));
  await add(
    'Location',
    appointments.flatMap(({ participant }) => participant.flatMap(referenceOf)),
  );
  const organizations = [...known.values()].flatMap((r) =>
    r.resourceType === 'Patient' || r.resourceType === 'Location'
      ? (r.managingOrganization?.reference ?? [])
      : [],
  );
  await add('Organization', organizations);
  return [...known.values()];
}

const nameOf = (resource: Resource): string => `${resource.resourceType}/${resource.id ?? ''}`;
const referenceOf = ({ actor }: Appointment['participant'][number]): string => actor?.reference ?? '';

/** Who declined, has died or is no longer a patient of the clinic is not expected. */
function upcomingOf(found: readonly Resource[], timeZone: string): Upcoming[] {
  const byName = new Map(found.map((r) => [nameOf(r), r]));
  return found.flatMap((appointment) => {
    if (appointment.resourceType !== 'Appointment' || appointment.status !== 'booked') return [];
    const start = new Date(appointment.start ?? '');
    if (Number.isNaN(start.getTime())) return [];
    return expectedPatients(appointment).flatMap((patientReference): Upcoming[] => {
      const patient = byName.get(patientReference) as Patient | undefined;
      if (patient !== undefined && !isExpected(patient)) return [];
      return [
        {
          appointment,
          reference: nameOf(appointment),
          patientReference,
          start,
          ...(patient === undefined ? {} : { patient }),
          timeZone: timeZoneOf(appointment, patient, byName) ?? timeZone,
        },
      ];
    });
  });
}

export function expectedPatients(appointment: Appointment): string[] {
  const references = appointment.participant
    .filter((participant) => participant.status !== 'declined')
    .map(referenceOf);
  return [...new Set(references.filter((reference) => /^Patient\/[^/]+$/.test(reference)))];
}

export const isExpected = (patient: Patient): boolean =>
  patient.active !== false && patient.deceasedBoolean !== true && patient.deceasedDateTime === undefined;

/** Of the place, else of the organization that runs it, else of the patient's. */
function timeZoneOf(
  appointment: Appointment,
  patient: Patient | undefined,
  byName: ReadonlyMap<string, Resource>,
): string | undefined {
  const get = (reference = ''): Resource | undefined => byName.get(reference);
  const places = appointment.participant
    .map((participant) => get(referenceOf(participant)))
    .filter((place) => place?.resourceType === 'Location');
  const owners = places.map((place) => get(place.managingOrganization?.reference));
  const candidates = [...places, ...owners, get(patient?.managingOrganization?.reference)];
  return candidates
    .flatMap((one) => (one as Location | Organization | undefined)?.extension ?? [])
    .filter((extension) => extension.url === TIME_ZONE_EXTENSION)
    .flatMap((extension) => extension.valueCode ?? [])
    .find(isTimeZone);
}
