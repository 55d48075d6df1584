/** Patients and entries of the chart in words. */
import type { CodeableConcept, Patient, Resource } from '@medplum/fhirtypes';

export function patientName(patient: Patient): string {
  const name = patient.name?.find((n) => n.use === 'official') ?? patient.name?.[0];
  const words = name?.text ?? [...(name?.given ?? []), name?.family].filter(Boolean).join(' ');
  return words === '' ? 'Without a name' : words;
}

/** Whole years between a FHIR date and a day; undefined when the date is not a full one. */
export function ageOn(birthDate: string | undefined, today: Date): number | undefined {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(birthDate ?? '');
  if (parts === null) return undefined;
  const [year, month, day] = parts.slice(1).map(Number) as [number, number, number];
  const hadBirthday =
    today.getMonth() + 1 > month || (today.getMonth() + 1 === month && today.getDate() >= day);
  return today.getFullYear() - year - (hadBirthday ? 0 : 1);
}

const concept = (code: CodeableConcept | undefined): string =>
  code?.text ?? code?.coding?.[0]?.display ?? code?.coding?.[0]?.code ?? 'Unnamed';

const day = (date: string | undefined): string => (date ?? '').slice(0, 10);

/** One line for a resource of the short chart. */
export function entryText(resource: Resource): string {
  if (resource.resourceType === 'Condition') return concept(resource.code);
  if (resource.resourceType === 'MedicationStatement') return concept(resource.medicationCodeableConcept);
  if (resource.resourceType === 'Encounter') {
    const what = resource.type?.[0] ??
      resource.reasonCode?.[0] ?? { text: resource.class.display ?? 'Visit' };
    return `${day(resource.period?.start)} ${concept(what)}`.trim();
  }
  if (resource.resourceType === 'DocumentReference')
    return `${day(resource.date)} ${concept(resource.type)} (${resource.docStatus ?? resource.status})`.trim();
  return resource.resourceType;
}

/** Whether a Condition was refused: it is kept for the record and not shown as the patient's. */
export const isWithdrawn = (resource: Resource): boolean =>
  (resource.resourceType === 'Condition' &&
    resource.verificationStatus?.coding?.some((c) => c.code === 'entered-in-error') === true) ||
  ('status' in resource && resource.status === 'entered-in-error');
