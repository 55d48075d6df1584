/** What the EHR page asks of the server: patients, a short chart, and launches. */
import { createApi } from '@reduxjs/toolkit/query/react';
import type { Bundle, Encounter, Patient, Resource } from '@medplum/fhirtypes';
import type { AppInWords } from '@dr-assistant/ui/apps';
import { baseQuery, callJson, matchesOf, nextPageOf } from '@dr-assistant/ui/session';

export interface PatientPage {
  readonly patients: readonly Patient[];
  readonly next?: string;
}

export interface Chart {
  readonly problems: readonly Resource[];
  readonly medications: readonly Resource[];
  /** The newest first; more than the chart shows, since an app may be launched on each. */
  readonly encounters: readonly Encounter[];
  readonly documents: readonly Resource[];
}

export interface LaunchableApp extends AppInWords {
  readonly launch_url: string;
  /** For what it may be launched, in words of its own. */
  readonly launch_intents: readonly string[];
}

/** The launch context of the server (fhir-server/docs/smart.md). */
export interface Launch {
  readonly client_id: string;
  readonly launch_url: string;
  readonly patient: string;
  readonly encounter?: string;
  readonly intent?: string;
}

async function loadPatients(
  { name, page }: { name: string; page?: string | undefined },
  signal: AbortSignal,
): Promise<PatientPage> {
  const search = `Patient?_count=15&_sort=family${name === '' ? '' : `&name=${encodeURIComponent(name)}`}`;
  const bundle = await callJson<Bundle>(page ?? search, undefined, signal);
  const next = nextPageOf(bundle);
  return { patients: matchesOf<Patient>(bundle), ...(next === undefined ? {} : { next }) };
}

async function loadChart(id: string, signal: AbortSignal): Promise<Chart> {
  const find = async <T extends Resource>(search: string): Promise<T[]> =>
    matchesOf<T>(await callJson<Bundle>(search, undefined, signal));
  const [problems, medications, encounters, documents] = await Promise.all([
    find(`Condition?patient=${id}&_count=20`),
    find(`MedicationStatement?patient=${id}&_count=20`),
    find<Encounter>(`Encounter?patient=${id}&_sort=-date&_count=50`),
    find(`DocumentReference?patient=${id}&_sort=-date&_count=5`),
  ]);
  return { problems, medications, encounters, documents };
}

export const ehrApi = createApi({
  baseQuery,
  endpoints: (build) => ({
    patients: build.query<PatientPage, { name: string; page?: string | undefined }>({
      query: (search) => (signal) => loadPatients(search, signal),
    }),
    chart: build.query<Chart, string>({ query: (id) => (signal) => loadChart(id, signal) }),
    apps: build.query<LaunchableApp[], undefined>({
      query: () => (signal) => callJson('/oauth2/launch-context/apps', undefined, signal),
    }),
    launch: build.mutation<{ url: string }, Launch>({
      query: (body) => () => callJson('/oauth2/launch-context', { method: 'POST', resource: body }),
    }),
  }),
});

export const { usePatientsQuery, useChartQuery, useAppsQuery, useLaunchMutation } = ehrApi;
