/** The note's sections as a Composition. https://hl7.org/fhir/R4/composition.html */
import type { Composition, CompositionSection, Resource } from '@medplum/fhirtypes';
import { aiMeta, NOTE_TYPE } from '../vocabulary.ts';
import { sentenceText } from './document.ts';
import type { DraftContext, Section, VisitDraft } from './draft.ts';

/**
 * Where a reader looks for each kind of finding: what is told stands in the history, measures in the examination,
 * judgements in the assessment. The first of these sections that the note has takes the entries.
 */
const SECTIONS_OF: Partial<Record<Resource['resourceType'], readonly string[]>> = {
  Condition: ['51848-0', '51847-2'],
  FamilyMemberHistory: ['29762-2', '10164-2', '61150-9'],
  MedicationStatement: ['10160-0', '10164-2', '61150-9'],
  Observation: ['29545-1', '61149-1'],
};

export function noteComposition(
  draft: VisitDraft,
  findings: readonly Resource[],
  context: DraftContext,
): Composition {
  return {
    resourceType: 'Composition',
    id: context.id('composition'),
    meta: aiMeta(),
    status: 'preliminary',
    type: NOTE_TYPE,
    title: 'Visit note (draft)',
    subject: context.subject,
    ...(context.encounter === undefined ? {} : { encounter: context.encounter }),
    date: context.now,
    author: [context.device],
    section: draft.sections.map((section) =>
      compositionSection(
        section,
        findings.filter((f) => sectionOf(f, draft.sections) === section.code),
      ),
    ),
  };
}

const sectionOf = (finding: Resource, sections: readonly Section[]): string | undefined =>
  SECTIONS_OF[finding.resourceType]?.find((code) => sections.some((section) => section.code === code));

function compositionSection(section: Section, findings: readonly Resource[]): CompositionSection {
  const entry = findings.map((f) => ({ reference: `${f.resourceType}/${f.id ?? ''}` }));
  return {
    title: section.title,
    code: { coding: [{ system: 'http://loinc.org', code: section.code, display: section.title }] },
    text: { status: 'generated', div: narrative(section) },
    ...(entry.length === 0 ? {} : { entry }),
  };
}

/** XHTML; an empty section says so, a narrative must have content (rule txt-2). */
export function narrative(section: Section): string {
  const texts = section.sentences.map(sentenceText);
  const lines = (texts.length === 0 ? ['Nothing was said about this.'] : texts).map(
    (t) => `<p>${escapeXml(t)}</p>`,
  );
  return `<div xmlns="http://www.w3.org/1999/xhtml">${lines.join('')}</div>`;
}

/** Control characters have no place in XML at all. */
function escapeXml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/\p{Cc}/gu, ' ').replace(/[&<>"]/g, (c) => entities[c] ?? c);
}
