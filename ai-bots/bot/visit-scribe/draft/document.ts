/** The transcript and the note as DocumentReferences. https://hl7.org/fhir/R4/documentreference.html */
import type { Attachment, DocumentReference } from '@medplum/fhirtypes';
import { aiMeta, dictatedMeta, NOTE_TYPE, TRANSCRIPT_TYPE } from '../vocabulary.ts';
import type { DraftContext, Section, Sentence, VisitDraft } from './draft.ts';
import { fallbackWords, providerTexts } from './stage-words.ts';

export function transcriptDocument(draft: VisitDraft, context: DraftContext): DocumentReference {
  return {
    ...document(context),
    id: context.id('transcript'),
    meta: draft.dictated ? dictatedMeta() : aiMeta(),
    type: TRANSCRIPT_TYPE,
    description: `Transcript by ${providerTexts(draft.stages)['transcribe'] ?? 'nobody'}`,
    content: [{ attachment: attachment('text/vtt', 'Transcript', draft.vtt) }],
  };
}

/** content[0] is the note as text, content[1] the NoteDraft with each sentence's source in the transcript. */
export function noteDocument(draft: VisitDraft, context: DraftContext): DocumentReference {
  const structured = {
    version: 1,
    provider: providerTexts(draft.stages),
    fallbacks: fallbackWords(draft),
    sections: draft.sections,
  };
  return {
    ...document(context),
    id: context.id('note'),
    meta: aiMeta(),
    type: NOTE_TYPE,
    description: 'Draft of the visit note, to be reviewed and signed',
    relatesTo: [{ code: 'transforms', target: context.transcript }],
    content: [
      { attachment: attachment('text/plain', 'Note', noteText(draft.sections)) },
      { attachment: attachment('application/json', 'NoteDraft', JSON.stringify(structured)) },
    ],
  };
}

/** Sections under their titles, one sentence a line, with what to look at twice; empty sections are left out. */
export function noteText(sections: readonly Section[]): string {
  return sections
    .filter((s) => s.sentences.length > 0)
    .map((s) => [s.title.toUpperCase(), ...s.sentences.map(sentenceText)].join('\n'))
    .join('\n\n');
}

export const sentenceText = ({ text, unsupported }: Sentence): string =>
  unsupported === undefined ? text : `${text} [please check: ${unsupported}]`;

function document(context: DraftContext): Omit<DocumentReference, 'content'> {
  return {
    resourceType: 'DocumentReference',
    status: 'current',
    docStatus: 'preliminary',
    subject: context.subject,
    date: context.now,
    author: [context.device],
    context: {
      related: [context.recording],
      ...(context.encounter === undefined ? {} : { encounter: [context.encounter] }),
      ...(context.date === undefined ? {} : { period: { start: context.date } }),
    },
  };
}

const attachment = (contentType: string, title: string, text: string): Attachment => ({
  contentType,
  title,
  data: Buffer.from(text, 'utf8').toString('base64'),
});
