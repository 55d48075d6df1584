/** What the patient takes home: an own document beside the signed note, in words that the clinician settles. */
import type {
  Bundle,
  BundleEntry,
  DocumentReference,
  MedicationStatement,
  Practitioner,
  Reference,
} from '@medplum/fhirtypes';
import { formatConcept, formatDay, formatDosage } from '@dr-assistant/ui/format';
import type { Words } from '@dr-assistant/ui/i18n';
import type { ScribeText } from '../words.ts';
import { documentBundle } from './document-bundle.ts';
import type { Review } from './review.ts';

/** LOINC "Instructions", the type of what a patient is given after a visit. https://loinc.org/69730-0 */
export const SUMMARY_TYPE = {
  coding: [{ system: 'http://loinc.org', code: '69730-0', display: 'Instructions' }],
  text: 'After-visit summary',
};
const PLAN = '18776-5';

/** Titles and lines of the signed record alone, for the clinician to put into the patient's words. */
export function summaryText({ note, draft, proposals }: Review, t: ScribeText, words: Words): string {
  const problems = proposals.flatMap((p) =>
    p.resourceType === 'Condition' && p.verificationStatus?.coding?.[0]?.code === 'confirmed'
      ? formatConcept(p.code, words)
      : [],
  );
  const medicines = proposals.flatMap((p) =>
    p.resourceType === 'MedicationStatement' && p.status !== 'entered-in-error' ? medicine(p, words) : [],
  );
  const plan = draft.sections.find(({ code }) => code === PLAN)?.sentences.map(({ text }) => text) ?? [];
  const part = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [`${title}\n${lines.map((line) => `• ${line}`).join('\n')}`];
  const date = note.date === undefined ? '' : formatDay(note.date, words);
  return [
    t('summary.heading', { date }),
    ...part(t('summary.problems'), problems),
    ...part(t('summary.medicines'), medicines),
    ...part(t('summary.plan'), plan),
  ].join('\n\n');
}

const medicine = ({ medicationCodeableConcept, dosage }: MedicationStatement, words: Words): string =>
  [
    formatConcept(medicationCodeableConcept, words),
    ...(dosage ?? []).map((d) => d.text ?? formatDosage(d, words)),
  ]
    .filter(Boolean)
    .join(', ');

/** A new one takes the place of those before it. @param before current ones @param now instant */
export function summaryBundle(
  note: DocumentReference,
  text: string,
  signer: Reference<Practitioner>,
  now: string,
  before: readonly DocumentReference[] = [],
): Bundle {
  const bundle = documentBundle({ note, type: SUMMARY_TYPE, relation: 'transforms', text, signer, now });
  const replaced = before.map((document): BundleEntry => {
    const url = `DocumentReference/${document.id ?? ''}`;
    const ifMatch = `W/"${document.meta?.versionId ?? ''}"`;
    return { resource: { ...document, status: 'superseded' }, request: { method: 'PUT', url, ifMatch } };
  });
  const [first, ...others] = bundle.entry ?? [];
  const document = first?.resource as DocumentReference;
  const replaces = before.map(({ id }) => {
    return { code: 'replaces' as const, target: { reference: `DocumentReference/${id ?? ''}` } };
  });
  const relatesTo = [...(document.relatesTo ?? []), ...replaces];
  return { ...bundle, entry: [{ ...first, resource: { ...document, relatesTo } }, ...others, ...replaced] };
}
