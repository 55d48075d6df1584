/** What the portal asks of the FHIR server, with caching by RTK Query. Pages add their own endpoints to it. */
import { createApi } from '@reduxjs/toolkit/query/react';
import { baseQuery, type PatientSession } from '@dr-assistant/ui/session';
import { loadRecord, type PatientRecord } from './record.ts';

export const portalApi = createApi({
  baseQuery,
  tagTypes: ['Record', 'Appointments', 'Messages', 'Forms', 'Apps'],
  endpoints: (build) => ({
    record: build.query<PatientRecord, PatientSession>({
      query: (session) => (signal) => loadRecord(session, signal),
      providesTags: ['Record'],
    }),
  }),
});

export const { useRecordQuery } = portalApi;
