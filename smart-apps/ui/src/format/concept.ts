/** Codes, references, notes, files and money in words. */
import type { Annotation, Attachment, CodeableConcept, Coding, Money, Reference } from '@medplum/fhirtypes';
import type { Words } from '../i18n/words.ts';
import { formatDate } from './date.ts';

export const formatCoding = ({ display, code }: Coding, { t }: Words): string =>
  display ?? code ?? t('concept.unnamed');

/** Its text, otherwise the coding that a person chose, otherwise the first. */
export function formatConcept(concept: CodeableConcept | undefined, words: Words): string {
  const { text, coding = [] } = concept ?? {};
  if (text !== undefined && text !== '') return text;
  const chosen = coding.find((c) => c.userSelected === true) ?? coding.find((c) => c.display) ?? coding[0];
  return chosen === undefined ? words.t('concept.unnamed') : formatCoding(chosen, words);
}

export const formatReference = ({ display, reference, identifier }: Reference, { t }: Words): string =>
  display ?? identifier?.value ?? reference ?? t('reference.none');

export function formatAnnotation(note: Annotation, words: Words): string {
  const author = note.authorString ?? (note.authorReference && formatReference(note.authorReference, words));
  const source = [author, note.time && formatDate(note.time, words)].filter(Boolean).join(', ');
  return source === '' ? note.text : words.t('annotation.by', { text: note.text, source });
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

function formatBytes(bytes: number, language: string): string {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: UNITS[step] ?? 'byte',
    maximumFractionDigits: step === 0 ? 0 : 1,
  }).format(bytes / 1000 ** step);
}

export function formatAttachment({ title, contentType, size }: Attachment, { t, language }: Words): string {
  const name = title ?? contentType ?? t('attachment.none');
  return size === undefined ? name : t('attachment.size', { name, size: formatBytes(size, language) });
}

export function formatMoney({ value, currency }: Money, { language, t }: Words): string {
  if (value === undefined) return t('quantity.none');
  if (currency === undefined) return new Intl.NumberFormat(language).format(value);
  return new Intl.NumberFormat(language, { style: 'currency', currency }).format(value);
}
