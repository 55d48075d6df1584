/** What the scribe asks of the FHIR server, with caching and polling by RTK Query. */
import { createApi } from '@reduxjs/toolkit/query/react';
import type { Bundle, DocumentReference, Media, Patient, Resource, Task } from '@medplum/fhirtypes';
import {
  baseQuery,
  call,
  callJson,
  resourcesOf,
  type PatientSession as Session,
} from '@dr-assistant/ui/session';
import { loadReview, type Review } from './review.ts';
import { toBase64 } from './text-encoding.ts';

const TASK_SYSTEM = 'https://dr-assistant.example/fhir/NamingSystem/visit-scribe-task';
const TRANSCRIPT_TYPE = {
  coding: [
    { system: 'https://dr-assistant.example/fhir/CodeSystem/document-type', code: 'visit-transcript' },
  ],
  text: 'Visit transcript',
};

/** A new visit: words, or a recording. */
export type VisitContent =
  | { readonly kind: 'text'; readonly text: string; readonly contentType: 'text/plain' | 'text/vtt' }
  | { readonly kind: 'audio'; readonly audio: Blob; readonly contentType: string };

async function attachmentOf(content: VisitContent, patientId: string): Promise<Media['content']> {
  if (content.kind === 'text') return { contentType: content.contentType, data: toBase64(content.text) };
  const response = await call('Binary', {
    method: 'POST',
    body: content.audio,
    headers: { 'Content-Type': content.contentType, 'X-Security-Context': `Patient/${patientId}` },
  });
  const binary = (await response.json()) as Resource;
  return { contentType: content.contentType, url: `Binary/${binary.id ?? ''}` };
}

async function createVisit(session: Session, content: VisitContent): Promise<Media> {
  const media: Media = {
    resourceType: 'Media',
    status: 'completed',
    type: { text: 'Recorded visit' },
    subject: { reference: `Patient/${session.patientId}` },
    ...(session.encounterId === undefined
      ? {}
      : { encounter: { reference: `Encounter/${session.encounterId}` } }),
    createdDateTime: new Date().toISOString(),
    operator: { reference: session.fhirUser },
    content: await attachmentOf(content, session.patientId),
  };
  return callJson<Media>('Media', { method: 'POST', resource: media });
}

function addTranscript(session: Session, mediaId: string, text: string): Promise<DocumentReference> {
  const document: DocumentReference = {
    resourceType: 'DocumentReference',
    status: 'current',
    type: TRANSCRIPT_TYPE,
    subject: { reference: `Patient/${session.patientId}` },
    date: new Date().toISOString(),
    author: [{ reference: session.fhirUser }],
    content: [{ attachment: { contentType: 'text/plain', data: toBase64(text) } }],
    context: { related: [{ reference: `Media/${mediaId}` }] },
  };
  return callJson('DocumentReference', { method: 'POST', resource: document });
}

async function findTask(mediaId: string): Promise<Task | null> {
  const identifier = encodeURIComponent(`${TASK_SYSTEM}|Media/${mediaId}`);
  return resourcesOf<Task>(await callJson<Bundle>(`Task?identifier=${identifier}`))[0] ?? null;
}

export const scribeApi = createApi({
  baseQuery,
  tagTypes: ['Visits', 'Task', 'Review'],
  endpoints: (build) => ({
    patient: build.query<Patient, string>({
      query: (id) => (signal) => callJson(`Patient/${id}`, undefined, signal),
    }),
    visits: build.query<Media[], string>({
      query: (patientId) => async () =>
        resourcesOf<Media>(await callJson<Bundle>(`Media?patient=${patientId}&_sort=-created&_count=50`)),
      providesTags: ['Visits'],
    }),
    task: build.query<Task | null, string>({
      query: (mediaId) => () => findTask(mediaId),
      providesTags: ['Task'],
    }),
    review: build.query<Review, Task>({ query: (task) => () => loadReview(task), providesTags: ['Review'] }),
    createVisit: build.mutation<Media, { session: Session; content: VisitContent }>({
      query:
        ({ session, content }) =>
        () =>
          createVisit(session, content),
      invalidatesTags: ['Visits'],
    }),
    addTranscript: build.mutation<DocumentReference, { session: Session; mediaId: string; text: string }>({
      query:
        ({ session, mediaId, text }) =>
        () =>
          addTranscript(session, mediaId, text),
      invalidatesTags: ['Task'],
    }),
    sign: build.mutation<Bundle, Bundle>({
      query: (bundle) => () => callJson('', { method: 'POST', resource: bundle }),
      invalidatesTags: ['Review'],
    }),
  }),
});

export const {
  usePatientQuery,
  useVisitsQuery,
  useTaskQuery,
  useReviewQuery,
  useCreateVisitMutation,
  useAddTranscriptMutation,
  useSignMutation,
} = scribeApi;
