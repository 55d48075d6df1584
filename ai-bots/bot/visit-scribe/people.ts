/** The people of a visit, as far as the bot may read them: their names and numbers are kept from others. */
import type { Patient, Practitioner, RelatedPerson } from '@medplum/fhirtypes';
import type { DraftPatient } from '../../clinical/index.ts';
import { identifiersOf, type Call } from '../../orchestrator/index.ts';
import type { FhirApi } from '../../runtime/fhir-api.ts';
import type { Trigger } from './trigger.ts';

export interface People {
  readonly patient: DraftPatient;
  /** Undefined when the patient cannot be read: then no text may go to others. */
  readonly identifiers: Call['identifiers'];
}

/** A draft with "they" is better than none: what may not be read is passed over. */
export async function loadPeople(api: FhirApi, { subject, author }: Trigger): Promise<People> {
  const patientId = idOf('Patient', subject.reference);
  if (patientId === undefined) return { patient: {}, identifiers: undefined };
  const practitionerId = idOf('Practitioner', author?.reference);
  const [patient, practitioner, relatives] = await Promise.all([
    api.read('Patient', patientId).catch(() => undefined),
    practitionerId === undefined
      ? undefined
      : api.read('Practitioner', practitionerId).catch(() => undefined),
    loadRelatives(api, patientId).catch(() => []),
  ]);
  if (patient === undefined) return { patient: {}, identifiers: undefined };
  const others: (Practitioner | RelatedPerson)[] = [
    ...(practitioner === undefined ? [] : [practitioner]),
    ...relatives,
  ];
  return { patient: draftPatient(patient), identifiers: identifiersOf([patient, ...others]) };
}

async function loadRelatives(api: FhirApi, patientId: string): Promise<RelatedPerson[]> {
  const found = await api.search('RelatedPerson', { patient: `Patient/${patientId}`, _count: '50' });
  return (found.entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === 'RelatedPerson' ? [resource] : [],
  );
}

const idOf = (type: string, reference: string | undefined): string | undefined =>
  new RegExp(`(?:^|/)${type}/([^/]+)$`).exec(reference ?? '')?.[1];

function draftPatient({ gender, birthDate, name }: Patient): DraftPatient {
  const [first] = name ?? [];
  const words = first?.text ?? [...(first?.given ?? []), first?.family ?? ''].join(' ').trim();
  return {
    ...(gender === undefined ? {} : { gender }),
    ...(birthDate === undefined ? {} : { birthDate }),
    ...(words === '' ? {} : { name: words }),
  };
}
