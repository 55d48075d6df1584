/** A patient in words. */
import type { Patient } from '@medplum/fhirtypes';

export function patientName(patient: Patient): string {
  const name = patient.name?.find((n) => n.use === 'official') ?? patient.name?.[0];
  const words = name?.text ?? [...(name?.given ?? []), name?.family].filter(Boolean).join(' ');
  return words === '' ? 'Without a name' : words;
}

/** The medical record number where there is one, otherwise the id. */
export function recordNumber(patient: Patient): string {
  const number = patient.identifier?.find((i) => i.type?.coding?.some((c) => c.code === 'MR'))?.value;
  return number === undefined ? `record ${patient.id ?? ''}` : `MRN ${number}`;
}

/** Whole years on a day; undefined when the FHIR date is not a full one. */
export function ageOn(birthDate: string | undefined, today: Date): number | undefined {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(birthDate ?? '');
  if (parts === null) return undefined;
  const [year, month, day] = parts.slice(1).map(Number) as [number, number, number];
  const hadBirthday =
    today.getMonth() + 1 > month || (today.getMonth() + 1 === month && today.getDate() >= day);
  return today.getFullYear() - year - (hadBirthday ? 0 : 1);
}
