/** What the scribe asks of the FHIR server, with caching and polling by RTK Query. */
import { createApi } from '@reduxjs/toolkit/query/react';
import type {
  Bundle,
  Consent,
  DocumentReference,
  Media,
  Patient,
  Practitioner,
  Task,
} from '@medplum/fhirtypes';
import { baseQuery, callJson, resourcesOf, type PatientSession as Session } from '@dr-assistant/ui/session';
import { loadChart, type Chart } from './chart.ts';
import { giveConsent, loadConsent, withdrawConsent } from './consent.ts';
import { loadDay, type DayEntry } from './day.ts';
import { loadRelated, type RelatedDocuments } from './related-documents.ts';
import { loadTemplates, type Templates } from './note-template.ts';
import { loadReview, type Review } from './review.ts';
import { toBase64 } from './text-encoding.ts';
import { TASK_SYSTEM } from './visit-stage.ts';

const TRANSCRIPT_TYPE = {
  coding: [
    { system: 'https://dr-assistant.example/fhir/CodeSystem/document-type', code: 'visit-transcript' },
  ],
  text: 'Visit transcript',
};

/** What was said in a visit, as words. */
export interface VisitText {
  readonly text: string;
  readonly contentType: 'text/plain' | 'text/vtt';
}

async function createVisit(session: Session, { text, contentType }: VisitText): Promise<Media> {
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
    content: { contentType, data: toBase64(text) },
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
    context: {
      related: [{ reference: `Media/${mediaId}` }],
      ...(session.encounterId === undefined
        ? {}
        : { encounter: [{ reference: `Encounter/${session.encounterId}` }] }),
    },
  };
  return callJson('DocumentReference', { method: 'POST', resource: document });
}

async function findTask(mediaId: string): Promise<Task | null> {
  const identifier = encodeURIComponent(`${TASK_SYSTEM}|Media/${mediaId}`);
  return resourcesOf<Task>(await callJson<Bundle>(`Task?identifier=${identifier}`))[0] ?? null;
}

type Visit = Pick<Session, 'patientId' | 'encounterId' | 'fhirUser'>;

export const scribeApi = createApi({
  baseQuery,
  tagTypes: ['Visits', 'Task', 'Review', 'Related', 'Consent'],
  endpoints: (build) => ({
    patient: build.query<Patient, string>({
      query: (id) => (signal) => callJson(`Patient/${id}`, undefined, signal),
    }),
    day: build.query<{ entries: readonly DayEntry[]; hasMore: boolean }, { fhirUser: string; day: string }>({
      query:
        ({ fhirUser, day }) =>
        (signal) =>
          loadDay(fhirUser, day, signal),
      providesTags: ['Visits'],
    }),
    chart: build.query<Chart, string>({
      query: (patientId) => (signal) => loadChart(patientId, signal),
      providesTags: ['Visits'],
    }),
    consent: build.query<Consent | null, Visit>({
      query: (visit) => () => loadConsent(visit),
      providesTags: ['Consent'],
    }),
    giveConsent: build.mutation<null, Visit>({
      query: (visit) => () => giveConsent(visit),
      invalidatesTags: ['Consent'],
    }),
    withdrawConsent: build.mutation<null, { consent: Consent; fhirUser: string }>({
      query:
        ({ consent, fhirUser }) =>
        () =>
          withdrawConsent(consent, fhirUser),
      invalidatesTags: ['Consent'],
    }),
    task: build.query<Task | null, string>({
      query: (mediaId) => () => findTask(mediaId),
      providesTags: ['Task'],
    }),
    /** Who signs: `Practitioner/1`, which is read for its name. */
    person: build.query<Practitioner, string>({
      query: (reference) => (signal) => callJson(reference, undefined, signal),
    }),
    review: build.query<Review, { task: Task; mediaId: string }>({
      query:
        ({ task, mediaId }) =>
        () =>
          loadReview(task, mediaId),
      providesTags: ['Review'],
    }),
    /** By the Encounter of the note. */
    templates: build.query<Templates, string | undefined>({
      query: (encounter) => (signal) => loadTemplates(encounter, signal),
    }),
    relatedDocuments: build.query<RelatedDocuments, string>({
      query: (noteId) => (signal) => loadRelated(noteId, signal),
      providesTags: ['Related'],
    }),
    storeDocument: build.mutation<Bundle, Bundle>({
      query: (bundle) => () => callJson('', { method: 'POST', resource: bundle }),
      invalidatesTags: ['Related', 'Visits'],
    }),
    createVisit: build.mutation<Media, { session: Session; content: VisitText }>({
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
  useDayQuery,
  useChartQuery,
  useConsentQuery,
  useGiveConsentMutation,
  useWithdrawConsentMutation,
  useTaskQuery,
  usePersonQuery,
  useReviewQuery,
  useTemplatesQuery,
  useRelatedDocumentsQuery,
  useStoreDocumentMutation,
  useCreateVisitMutation,
  useAddTranscriptMutation,
  useSignMutation,
} = scribeApi;
