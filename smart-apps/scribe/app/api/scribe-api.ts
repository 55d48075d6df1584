/** What the scribe asks of the FHIR server, with caching and polling by RTK Query. */
import { createApi } from '@reduxjs/toolkit/query/react';
import type { Bundle, Consent, DocumentReference, Media, Patient, Task } from '@medplum/fhirtypes';
import { baseQuery, callJson, resourcesOf, type PatientSession as Session } from '@dr-assistant/ui/session';
import { loadChart, type Chart } from './chart.ts';
import { giveConsent, loadConsent, withdrawConsent } from './consent.ts';
import { loadDay, type DayEntry } from './day.ts';
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
    context: { related: [{ reference: `Media/${mediaId}` }] },
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
  tagTypes: ['Visits', 'Task', 'Review', 'Consent'],
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
    review: build.query<Review, Task>({ query: (task) => () => loadReview(task), providesTags: ['Review'] }),
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
  useReviewQuery,
  useCreateVisitMutation,
  useAddTranscriptMutation,
  useSignMutation,
} = scribeApi;
