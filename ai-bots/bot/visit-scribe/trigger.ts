/** Which resources start the bot, and what it reads from them. */
import type {
  Attachment,
  DocumentReference,
  Encounter,
  Media,
  Patient,
  Practitioner,
  Reference,
  Resource,
} from '@medplum/fhirtypes';
import { clinicianIn } from '../../sdk/index.ts';
import { derivedId } from './ids.ts';
import { hasTranscriptType, isMachineWritten } from './vocabulary.ts';

export interface Trigger {
  readonly kind: 'recording' | 'transcript';
  /** `Media/1`, `DocumentReference/2`. */
  readonly reference: string;
  readonly versionId: string;
  /** What the Task is about: the recording, also when a transcript of it was written by hand. */
  readonly recording: string;
  /** What the draft is made from. */
  readonly content: Attachment;
  readonly subject: Reference<Patient>;
  readonly encounter?: Reference<Encounter>;
  readonly author?: Reference<Practitioner>;
  /** Who wrote or recorded, by themselves or by a role: `Practitioner/1`, `PractitionerRole/2`. */
  readonly clinicians: readonly string[];
  /** When the visit was, as an instant or date; from the resource. */
  readonly date?: string;
}

/** The version that triggered, as a reference. */
export const versionReference = (trigger: Trigger): string =>
  `${trigger.reference}/_history/${trigger.versionId}`;

/** Id of a resource that this trigger leads to; `role` tells the resources apart. */
export const idFor = (trigger: Trigger, role: string): string =>
  derivedId(trigger.reference, trigger.versionId, role);

/** Undefined for what is not the bot's business: other types, unfinished recordings, its own and other machines' writing. */
export function parseTrigger(resource: Resource): Trigger | undefined {
  if (isMachineWritten(resource.meta)) return undefined;
  if (resource.resourceType === 'Media') return fromMedia(resource);
  if (resource.resourceType === 'DocumentReference') return fromDocument(resource);
  return undefined;
}

function fromMedia(media: Media): Trigger | undefined {
  const { id, meta, subject, content } = media;
  if (media.status !== 'completed' || id === undefined || meta?.versionId === undefined) return undefined;
  if (!isPatient(subject) || !isTakenType(content.contentType)) return undefined;
  const date = media.createdDateTime ?? media.createdPeriod?.start ?? media.issued ?? meta.lastUpdated;
  return {
    kind: 'recording',
    reference: `Media/${id}`,
    versionId: meta.versionId,
    recording: `Media/${id}`,
    content,
    subject,
    ...optional('encounter', media.encounter),
    ...optional('author', pick<Practitioner>('Practitioner', media.operator)),
    clinicians: cliniciansOf(media.operator),
    ...optional('date', date),
  };
}

function fromDocument(document: DocumentReference): Trigger | undefined {
  const { id, meta, subject } = document;
  if (document.status !== 'current' || id === undefined || meta?.versionId === undefined) return undefined;
  if (!isPatient(subject)) return undefined;
  const written = hasTranscriptType(document.type);
  const wanted = written ? /^text\/(plain|vtt)/ : /^audio\//;
  const content = document.content.find((c) => wanted.test(c.attachment.contentType ?? ''))?.attachment;
  if (content === undefined) return undefined;
  const recording = document.context?.related?.find((r) => r.reference?.startsWith('Media/'))?.reference;
  return {
    kind: written ? 'transcript' : 'recording',
    reference: `DocumentReference/${id}`,
    versionId: meta.versionId,
    recording: recording ?? `DocumentReference/${id}`,
    content,
    subject,
    ...optional('encounter', pick<Encounter>('Encounter', ...(document.context?.encounter ?? []))),
    ...optional('author', pick<Practitioner>('Practitioner', ...(document.author ?? []))),
    clinicians: cliniciansOf(...(document.author ?? []), document.authenticator),
    ...optional('date', document.context?.period?.start ?? document.date ?? meta.lastUpdated),
  };
}

/** Pictures and films of something else than a talk are not for this bot; browsers label sound as video/webm too. */
const isTakenType = (contentType: string | undefined): boolean =>
  /^(audio\/|video\/|text\/(plain|vtt)|application\/ogg)/.test(contentType ?? '');

const isPatient = (subject: Reference | undefined): subject is Reference<Patient> =>
  /(^|\/)Patient\/[^/]+$/.test(subject?.reference ?? '');

/** The first reference to a resource of that type. */
function pick<T extends Resource>(
  type: T['resourceType'],
  ...references: readonly (Reference | undefined)[]
): Reference<T> | undefined {
  const found = references.find((r) => r?.reference?.split('/').at(-2) === type);
  return found as Reference<T> | undefined;
}

const cliniciansOf = (...references: readonly (Reference | undefined)[]): string[] =>
  references.flatMap((r) => clinicianIn(r?.reference) ?? []);

function optional<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Partial<Record<K, V>>);
}
