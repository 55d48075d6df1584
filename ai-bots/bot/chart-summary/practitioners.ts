/** The practitioners of a visit: their names are kept from others, and without them no text goes to others. */
import type { Practitioner } from '@medplum/fhirtypes';
import { HttpFailure, type FhirApi } from '../../sdk/index.ts';
import { practitionersOf, type Visit } from './visit.ts';

/** Without those who do not exist; undefined when any of them may not or cannot be read. */
export async function loadPractitioners(fhir: FhirApi, visit: Visit): Promise<Practitioner[] | undefined> {
  try {
    const [type, id = ''] = visit.appointment?.split('/') ?? [];
    const appointment = type === 'Appointment' ? await fhir.read('Appointment', id) : undefined;
    const references = new Set([...visit.practitioners, ...practitionersOf(appointment?.participant)]);
    if (references.size === 0) return [];
    const entry = [...references].map((url) => ({ request: { method: 'GET' as const, url } }));
    const answer = await fhir.transaction({ resourceType: 'Bundle', type: 'batch', entry });
    return (answer.entry ?? []).flatMap(({ resource, response }) => {
      const status = Number.parseInt(response?.status ?? '200', 10);
      if (status >= 400 && status !== 404 && status !== 410)
        throw new HttpFailure(status, `a practitioner of the visit answered ${status}`);
      return resource?.resourceType === 'Practitioner' ? [resource] : [];
    });
  } catch (error) {
    if (error instanceof HttpFailure) return undefined;
    throw error;
  }
}
