/** Notes, summaries, reports and files of a record as a list of documents. Pure. */
import type { Attachment, CodeableConcept, CompositionSection } from '@medplum/fhirtypes';
import { formatConcept, formatReference } from '@dr-assistant/ui/format';
import type { Words } from '@dr-assistant/ui/i18n';
import type { PatientRecord } from '../api/record.ts';
import { isWithdrawn } from './current.ts';
import { timeOf } from './results.ts';

export interface DocumentPart {
  readonly title: string;
  /** XHTML of a narrative. */
  readonly html?: string;
  readonly text?: string;
}

export interface RecordDocument {
  readonly type: 'Composition' | 'DocumentReference' | 'DiagnosticReport';
  readonly id: string;
  readonly title: string;
  readonly date: string | undefined;
  readonly author: string;
  readonly parts: readonly DocumentPart[];
  readonly files: readonly Attachment[];
}

const partsOf = (sections: readonly CompositionSection[] | undefined): DocumentPart[] =>
  (sections ?? []).flatMap((section) => [
    {
      title: section.title ?? section.code?.text ?? '',
      ...(section.text?.div && { html: section.text.div }),
    },
    ...partsOf(section.section),
  ]);

const titleOf = (title: string | undefined, type: CodeableConcept | undefined, words: Words): string =>
  title ?? formatConcept(type, words);

/** The newest first. Drafts, superseded ones and mistakes are left out. */
export function documentsOf({ of }: Pick<PatientRecord, 'of'>, words: Words): RecordDocument[] {
  const names = (references: readonly Parameters<typeof formatReference>[0][] | undefined): string =>
    references
      ?.filter((r) => r.display !== undefined)
      .map((r) => formatReference(r, words))
      .join(', ') ?? '';
  const notes = of.Composition.filter(({ status }) => status === 'final' || status === 'amended').map(
    (c): RecordDocument => ({
      type: 'Composition',
      id: c.id ?? '',
      title: titleOf(c.title, c.type, words),
      date: c.date,
      author: names(c.author),
      parts: partsOf(c.section),
      files: [],
    }),
  );
  const files = of.DocumentReference.filter(
    ({ status, docStatus }) =>
      status === 'current' && docStatus !== 'preliminary' && docStatus !== 'entered-in-error',
  ).map((d): RecordDocument => ({
    type: 'DocumentReference',
    id: d.id ?? '',
    title: d.description ?? formatConcept(d.type, words),
    date: d.date,
    author: names(d.author),
    parts: [],
    files: d.content.map(({ attachment }) => attachment),
  }));
  const reports = of.DiagnosticReport.filter((r) => !isWithdrawn(r)).map((r): RecordDocument => ({
    type: 'DiagnosticReport',
    id: r.id ?? '',
    title: formatConcept(r.code, words),
    date: r.effectiveDateTime ?? r.effectivePeriod?.start ?? r.issued,
    author: names(r.performer),
    parts: r.conclusion === undefined ? [] : [{ title: '', text: r.conclusion }],
    files: r.presentedForm ?? [],
  }));
  return [...notes, ...files, ...reports].toSorted((a, b) => timeOf(b.date) - timeOf(a.date));
}
