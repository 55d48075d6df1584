/** The people of a visit besides the patient, whose names are kept from others: relatives and practitioners. */
import type { Practitioner, RelatedPerson, Resource } from '@medplum/fhirtypes';
import type { FhirApi } from '../runtime/fhir-api.ts';
import { HttpFailure } from '../runtime/http-failure.ts';

/** Nobody has so many; whose record has, is not known in full. */
export const RELATIVES_MAX = 500;
const PAGE = '100';

/** Undefined when there are more than can be known. Throws HttpFailure when they may not or cannot be read. */
export async function loadRelatives(
  fhir: Pick<FhirApi, 'findAll'>,
  patientId: string,
): Promise<RelatedPerson[] | undefined> {
  const params = { patient: `Patient/${patientId}`, _count: PAGE };
  const found = await fhir.findAll('RelatedPerson', params, RELATIVES_MAX + 1);
  if (found.length > RELATIVES_MAX) return undefined;
  return found.filter((resource) => resource.resourceType === 'RelatedPerson');
}

/** The reference, where it is one to a Practitioner or to a role of one. */
export const clinicianIn = (reference: string | undefined): string | undefined =>
  /(?:^|\/)(Practitioner(?:Role)?\/[^/]+)$/.exec(reference ?? '')?.[1];

/**
 * Practitioners by references to them and to their roles, without those who do not exist. Throws HttpFailure when any of
 * them may not or cannot be read.
 * @param references `Practitioner/1`, `PractitionerRole/2`
 */
export async function loadPractitioners(
  fhir: Pick<FhirApi, 'transaction'>,
  references: readonly string[],
): Promise<Practitioner[]> {
  const named = await readEach(fhir, references);
  const behind = named.flatMap((resource) =>
    resource.resourceType === 'PractitionerRole' ? (clinicianIn(resource.practitioner?.reference) ?? []) : [],
  );
  const others = await readEach(
    fhir,
    behind.filter((reference) => !references.includes(reference)),
  );
  return [...named, ...others].filter((resource) => resource.resourceType === 'Practitioner');
}

/** In one batch. */
async function readEach(
  fhir: Pick<FhirApi, 'transaction'>,
  references: readonly string[],
): Promise<Resource[]> {
  if (references.length === 0) return [];
  const entry = [...new Set(references)].map((url) => ({ request: { method: 'GET' as const, url } }));
  const answer = await fhir.transaction({ resourceType: 'Bundle', type: 'batch', entry });
  return (answer.entry ?? []).flatMap(({ resource, response }) => {
    const status = Number.parseInt(response?.status ?? '200', 10);
    if (status >= 400 && status !== 404 && status !== 410)
      throw new HttpFailure(status, `a practitioner of the visit answered ${status}`);
    return status >= 400 || resource === undefined ? [] : [resource];
  });
}
