/** Entries of the short chart in words. */
import type { Resource } from '@medplum/fhirtypes';
import { formatConcept, formatDay } from '@dr-assistant/ui/format';
import type { Words } from '@dr-assistant/ui/i18n';

/** One line for a resource of the short chart; `visit` names an encounter without a reason and a type. */
export function entryText(resource: Resource, words: Words, visit: string): string {
  const day = (date: string | undefined): string => (date === undefined ? '' : formatDay(date, words));
  if (resource.resourceType === 'Condition') return formatConcept(resource.code, words);
  if (resource.resourceType === 'MedicationStatement')
    return formatConcept(resource.medicationCodeableConcept, words);
  if (resource.resourceType === 'Encounter') {
    const what = resource.reasonCode?.[0] ?? resource.type?.[0] ?? { text: resource.class.display ?? visit };
    return `${day(resource.period?.start)} ${formatConcept(what, words)}`.trim();
  }
  if (resource.resourceType === 'DocumentReference') {
    const state = resource.docStatus ?? resource.status;
    return `${day(resource.date)} ${formatConcept(resource.type, words)} (${state})`.trim();
  }
  return resource.resourceType;
}

/** Whether a Condition was refused: it is kept for the record and not shown as the patient's. */
export const isWithdrawn = (resource: Resource): boolean =>
  (resource.resourceType === 'Condition' &&
    resource.verificationStatus?.coding?.some((c) => c.code === 'entered-in-error') === true) ||
  ('status' in resource && resource.status === 'entered-in-error');
