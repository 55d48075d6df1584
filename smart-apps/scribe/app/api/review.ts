/** Everything that the review of one visit shows, put together from the resources that the bot wrote. */
import type { Attachment, Composition, DocumentReference, Media, Resource, Task } from '@medplum/fhirtypes';
import { formatConcept } from '@dr-assistant/ui/format';
import type { Words } from '@dr-assistant/ui/i18n';
import { ApiError, callJson } from '@dr-assistant/ui/session';
import type { Proposal } from './proposal.ts';
import { cuesOf, noteDraftOf, type Cue, type NoteDraft } from './note-draft.ts';

export interface Review {
  readonly note: DocumentReference;
  readonly composition?: Composition;
  readonly draft: NoteDraft;
  readonly cues: readonly Cue[];
  readonly proposals: readonly Proposal[];
  /** The sound of the visit, when there is one. */
  readonly recording?: Attachment;
}

const PROPOSALS = new Set(['Condition', 'MedicationStatement', 'FamilyMemberHistory', 'Observation']);

/** Reads what a finished Task names as its output. Throws ApiError when there is no note among it. */
export async function loadReview(task: Task, mediaId: string): Promise<Review> {
  const references = (task.output ?? []).flatMap((o) => o.valueReference?.reference ?? []);
  const [media, ...resources] = await Promise.all([
    callJson<Media>(`Media/${mediaId}`),
    ...references.map((r) => callJson<Resource>(r)),
  ]);
  const documents = resources.filter((r) => r.resourceType === 'DocumentReference');
  const note = documents.find((d) => d.type?.coding?.some((c) => c.code === '11506-3'));
  if (note === undefined) throw new ApiError(0, '', 'draft-missing');
  const composition = resources.find((r) => r.resourceType === 'Composition');
  const transcript = documents.find((d) => d !== note) ?? (await relatedTranscript(note));
  return {
    note,
    ...(composition === undefined ? {} : { composition }),
    draft: noteDraftOf(note),
    cues: cuesOf(transcript),
    proposals: resources.filter((r) => PROPOSALS.has(r.resourceType)) as Proposal[],
    ...(isSound(media.content) ? { recording: media.content } : {}),
  };
}

const isSound = ({ contentType, url }: Attachment): boolean =>
  url !== undefined && /^(?:audio|video)\//.test(contentType ?? '');

/** A transcript that a person wrote is no output of the bot; the note says which one it came from. */
async function relatedTranscript(note: DocumentReference): Promise<DocumentReference | undefined> {
  const reference = note.relatesTo?.find((r) => r.code === 'transforms')?.target?.reference;
  return reference === undefined ? undefined : callJson<DocumentReference>(reference.split('/_history/')[0]!);
}

const SOURCE = 'https://dr-assistant.example/fhir/StructureDefinition/transcript-source';

export const sourceCues = (proposal: Proposal): string[] =>
  (proposal.extension?.find((e) => e.url === SOURCE)?.valueString ?? '').split(' ').filter(Boolean);

/** A proposal in a few words. */
export function proposalText(proposal: Proposal, words: Words): string {
  switch (proposal.resourceType) {
    case 'Condition':
      return formatConcept(proposal.code, words);
    case 'MedicationStatement':
      return [formatConcept(proposal.medicationCodeableConcept, words), proposal.dosage?.[0]?.text]
        .filter(Boolean)
        .join(', ');
    case 'FamilyMemberHistory':
      return `${formatConcept(proposal.relationship, words)}: ${proposal.condition?.map((c) => formatConcept(c.code, words)).join(', ') ?? ''}`;
    case 'Observation': {
      const quantities = [proposal, ...(proposal.component ?? [])].flatMap((o) => o.valueQuantity ?? []);
      const values = quantities.map((q) => q.value).join('/');
      // LOINC's panel names say more than a reader needs.
      const name = formatConcept(proposal.code, words).replace(/ panel with all children optional$/, '');
      return `${name}: ${values} ${quantities[0]?.unit ?? ''}`.trim();
    }
  }
}

export const codeText = (proposal: Proposal): string | undefined =>
  proposal.resourceType === 'Condition' ? proposal.code?.coding?.[0]?.code : undefined;
