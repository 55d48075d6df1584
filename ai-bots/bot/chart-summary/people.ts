/** The people of a visit besides the patient: their names are kept from others, and without them no text goes to others. */
import type { Practitioner, RelatedPerson } from '@medplum/fhirtypes';
import { HttpFailure, loadPractitioners, loadRelatives, type FhirApi } from '../../sdk/index.ts';
import { practitionersOf, type Visit } from './visit.ts';

/** Without those who do not exist; undefined when any of them may not or cannot be read, or is one of too many. */
export async function loadPeople(
  fhir: FhirApi,
  { patient, appointment: planned, practitioners }: Visit,
): Promise<(Practitioner | RelatedPerson)[] | undefined> {
  try {
    const [type, id = ''] = planned?.split('/') ?? [];
    const appointment = type === 'Appointment' ? await fhir.read('Appointment', id) : undefined;
    const references = [...practitioners, ...practitionersOf(appointment?.participant)];
    const [clinicians, relatives] = await Promise.all([
      loadPractitioners(fhir, references),
      loadRelatives(fhir, patient.replace('Patient/', '')),
    ]);
    return relatives === undefined ? undefined : [...clinicians, ...relatives];
  } catch (error) {
    if (error instanceof HttpFailure) return undefined;
    throw error;
  }
}
