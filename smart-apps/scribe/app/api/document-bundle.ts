/** A signed text that belongs to a note, and the Provenance that says who wrote it from what, as one transaction. */
import type {
  Bundle,
  CodeableConcept,
  DocumentReference,
  Practitioner,
  Provenance,
  Reference,
} from '@medplum/fhirtypes';
import { fromBase64, toBase64 } from './text-encoding.ts';

interface NewDocument {
  readonly note: DocumentReference;
  readonly type: CodeableConcept;
  readonly relation: 'appends' | 'transforms';
  readonly text: string;
  readonly signer: Reference<Practitioner>;
  /** Instant. */
  readonly now: string;
}

const PARTICIPANT = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type';

export function documentBundle({ note, type, relation, text, signer, now }: NewDocument): Bundle {
  const fullUrl = `urn:uuid:${crypto.randomUUID()}`;
  const target = { reference: `DocumentReference/${note.id ?? ''}` };
  const document: DocumentReference = {
    resourceType: 'DocumentReference',
    status: 'current',
    docStatus: 'final',
    type,
    ...(type.text === undefined ? {} : { description: type.text }),
    ...(note.subject && { subject: note.subject }),
    date: now,
    author: [signer],
    authenticator: signer,
    relatesTo: [{ code: relation, target }],
    content: [{ attachment: { contentType: 'text/plain; charset=utf-8', data: toBase64(text) } }],
    ...(note.context?.encounter && { context: { encounter: note.context.encounter } }),
  };
  const provenance: Provenance = {
    resourceType: 'Provenance',
    target: [{ reference: fullUrl }],
    recorded: now,
    agent: [
      { type: { coding: [{ system: PARTICIPANT, code: 'author' }] }, who: signer },
      { type: { coding: [{ system: PARTICIPANT, code: 'legal' }] }, who: signer },
    ],
    entity: [{ role: 'source', what: target }],
  };
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      { fullUrl, resource: document, request: { method: 'POST', url: 'DocumentReference' } },
      { resource: provenance, request: { method: 'POST', url: 'Provenance' } },
    ],
  };
}

/** Its words; empty for a document without plain text. */
export function documentText({ content }: DocumentReference): string {
  const text = content.find(({ attachment }) => attachment.contentType?.startsWith('text/plain'));
  return fromBase64(text?.attachment.data ?? '');
}
