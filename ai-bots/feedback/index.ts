/** Reads signed notes with their first drafts and transcripts over the FHIR API, as de-identified feedback. */
import type { Bundle, DocumentReference, Patient, Practitioner } from '@medplum/fhirtypes';
import { deidentify } from '../clinical/deidentify/index.ts';
import { parseTranscript } from '../clinical/index.ts';
import { identifiersOf, type Person } from '../orchestrator/index.ts';
import type { FhirApi } from '../runtime/fhir-api.ts';
import type { FeedbackVisit } from '../training/index.ts';
import { hidden, labelled, type StructuredNote } from './labels.ts';

export { hidden, labelled, type StructuredNote } from './labels.ts';

const NOTE = 'http://loinc.org|11506-3';
const PAGE = 100;
const SIZE_MAX_BYTES = 16 * 1024 * 1024;

/** One visit after the other, oldest first; notes without a draft of ours or without a transcript are passed over. */
export async function* exportFeedback(api: FhirApi): AsyncGenerator<FeedbackVisit> {
  for await (const note of notes(api)) {
    const visit = note.docStatus === 'final' ? await feedbackOf(api, note) : undefined;
    if (visit !== undefined) yield visit;
  }
}

/** Pages by time of change; what shares an instant with the last of a page is read again and told once. */
async function* notes(api: FhirApi): AsyncGenerator<DocumentReference> {
  const told = new Set<string>();
  for (let since: string | undefined, count = PAGE; ;) {
    const bundle = await api.search('DocumentReference', {
      type: NOTE,
      _sort: '_lastUpdated',
      _count: String(count),
      ...(since === undefined ? {} : { _lastUpdated: `ge${since}` }),
    });
    const found = documents(bundle);
    const fresh = found.filter(({ id }) => !told.has(id ?? ''));
    for (const note of fresh) {
      told.add(note.id ?? '');
      yield note;
    }
    if (found.length < count) return;
    // More than a page at one instant: a larger page gets past it.
    if (fresh.length === 0) count *= 2;
    since = found.at(-1)?.meta?.lastUpdated;
  }
}

const documents = (bundle: Bundle): DocumentReference[] =>
  (bundle.entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === 'DocumentReference' ? [resource] : [],
  );

async function feedbackOf(api: FhirApi, note: DocumentReference): Promise<FeedbackVisit | undefined> {
  const first = await api.vread('DocumentReference', note.id ?? '', '1');
  const origin = note.relatesTo?.find(({ code }) => code === 'transforms')?.target.reference;
  const transcriptId = /^DocumentReference\/([^/]+)$/.exec(origin ?? '')?.[1];
  if (first?.docStatus !== 'preliminary' || transcriptId === undefined) return undefined;
  const document = await api.read('DocumentReference', transcriptId);
  const [draft, signed, said] = await Promise.all([
    contentOf(api, first, /^application\/json/),
    contentOf(api, note, /^application\/json/),
    document && contentOf(api, document, /^text\/(?:vtt|plain)/),
  ]);
  if (draft === undefined || signed === undefined || said === undefined) return undefined;
  const people = await peopleOf(api, note);
  // Without the patient's identifiers nothing may leave.
  const patient = people.find((person): person is Patient => person.resourceType === 'Patient');
  if (patient === undefined) return undefined;
  const { segments } = parseTranscript(said, said.startsWith('WEBVTT') ? 'text/vtt' : 'text/plain');
  const { gender } = patient;
  const visit: FeedbackVisit = {
    version: 1,
    gender: gender === 'male' || gender === 'female' ? gender : 'unknown',
    segments: segments.map(({ id, role, text }) => ({ id, ...(role === undefined ? {} : { role }), text })),
    sentences: labelled(JSON.parse(draft) as StructuredNote, JSON.parse(signed) as StructuredNote),
  };
  const known = { finders: identifiersOf(people), names: people.flatMap(namesOf) };
  return hidden(visit, (text) => deidentify(text, known));
}

async function contentOf(
  api: FhirApi,
  document: DocumentReference,
  type: RegExp,
): Promise<string | undefined> {
  const attachment = document.content.find((c) => type.test(c.attachment.contentType ?? ''))?.attachment;
  if (attachment?.data !== undefined) return Buffer.from(attachment.data, 'base64').toString('utf8');
  if (attachment?.url === undefined) return undefined;
  return (await api.download(attachment.url, SIZE_MAX_BYTES)).data.toString('utf8');
}

/** The patient, and the clinicians who signed or recorded, as far as they may be read. */
async function peopleOf(api: FhirApi, note: DocumentReference): Promise<Person[]> {
  const references = [note.subject, note.authenticator, ...(note.author ?? [])].map(
    (r) => r?.reference ?? '',
  );
  const ids = (type: 'Patient' | 'Practitioner'): string[] => [
    ...new Set(references.flatMap((r) => new RegExp(`(?:^|/)${type}/([^/]+)$`).exec(r)?.[1] ?? [])),
  ];
  const read = await Promise.all<Patient | Practitioner | undefined>([
    ...ids('Patient').map((id) => api.read('Patient', id)),
    ...ids('Practitioner').map((id) => api.read('Practitioner', id).catch(() => undefined)),
  ]);
  return read.filter((person) => person !== undefined);
}

const namesOf = (person: Person): string[] =>
  (person.name ?? []).flatMap(({ given = [], family, text }) => [
    ...given,
    ...(family === undefined ? [] : [family]),
    ...(text === undefined ? [] : [text]),
  ]);
