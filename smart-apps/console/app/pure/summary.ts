/** One line that tells a resource from others of its type. */
import { formatConcept, formatDate, formatReference, nameOf } from '@dr-assistant/ui/format';
import type { Words } from '@dr-assistant/ui/i18n';
import type { CodeableConcept, HumanName, Reference } from '@medplum/fhirtypes';

/** The elements by which resources are known, whatever their type. */
interface Known {
  readonly resourceType?: string;
  readonly id?: string;
  readonly name?: string | readonly HumanName[];
  readonly title?: string;
  readonly status?: string;
  readonly code?: CodeableConcept | string;
  readonly type?: CodeableConcept | readonly CodeableConcept[];
  readonly medicationCodeableConcept?: CodeableConcept;
  readonly vaccineCode?: CodeableConcept;
  readonly criteria?: string;
  readonly birthDate?: string;
  readonly subject?: Reference;
  readonly patient?: Reference;
}

function titleOf(resource: Known, words: Words): string | undefined {
  const { name, title, code, type, medicationCodeableConcept, vaccineCode, criteria } = resource;
  if (typeof name === 'string') return title ?? name;
  if (name !== undefined) return nameOf({ name }, words);
  const kind = Array.isArray(type) ? (type as CodeableConcept[])[0] : (type as CodeableConcept | undefined);
  const coded = typeof code === 'string' ? undefined : code;
  const concept = coded ?? medicationCodeableConcept ?? vaccineCode ?? kind;
  if (title !== undefined) return title;
  if (criteria !== undefined) return criteria;
  return concept === undefined ? undefined : formatConcept(concept, words);
}

export function summaryOf(resource: unknown, words: Words): string {
  const known = resource as Known;
  const of = known.subject ?? known.patient;
  return [
    titleOf(known, words),
    known.birthDate && formatDate(known.birthDate, words),
    known.status,
    of && formatReference(of, words),
  ]
    .filter(Boolean)
    .join(' · ');
}
