/** What the EHR page asks of the server: patients, a short chart, and launches. */
import { createApi } from '@reduxjs/toolkit/query/react';
import type { BaseQueryFn } from '@reduxjs/toolkit/query';
import type { Bundle, Patient, Resource } from '@medplum/fhirtypes';
import type Client from 'fhirclient/lib/Client';

/** Without the `.client` the store stays plain data; the session belongs to the page. */
let session: Client | undefined;

export function keepSession(client: Client): void {
  session = client;
}

export interface ApiFault {
  readonly status: number;
  readonly text: string;
}

interface ApiCall {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly body?: object;
}

const baseQuery: BaseQueryFn<ApiCall, unknown, ApiFault> = async ({ url, method = 'GET', body }) => {
  const token = session?.state.tokenResponse?.access_token ?? '';
  const absolute =
    url.startsWith('/') || url.startsWith('http') ? url : `${session?.state.serverUrl ?? ''}/${url}`;
  const response = await fetch(absolute, {
    method,
    headers: { Authorization: `Bearer ${token}`, ...(body ? { 'Content-Type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return { data: answer };
  return { error: { status: response.status, text: faultText(answer) } };
};

function faultText(answer: unknown): string {
  const { issue, error_description: description } = (answer ?? {}) as {
    issue?: { diagnostics?: string }[];
    error_description?: string;
  };
  return issue?.[0]?.diagnostics ?? description ?? 'The server did not answer as expected.';
}

export interface PatientPage {
  readonly patients: readonly Patient[];
  readonly next?: string;
}

export interface Chart {
  readonly problems: readonly Resource[];
  readonly medications: readonly Resource[];
  readonly encounters: readonly Resource[];
  readonly documents: readonly Resource[];
}

export interface LaunchableApp {
  readonly client_id: string;
  readonly client_name: string;
  readonly launch_url: string;
}

export function toPatientPage(bundle: Bundle): PatientPage {
  const patients = (bundle.entry ?? []).flatMap((e) =>
    e.resource?.resourceType === 'Patient' ? [e.resource] : [],
  );
  const next = bundle.link?.find((l) => l.relation === 'next')?.url;
  return { patients, ...(next === undefined ? {} : { next }) };
}

const matches = (bundle: unknown): Resource[] =>
  ((bundle as Bundle).entry ?? []).flatMap((e) =>
    e.search?.mode === 'match' && e.resource ? [e.resource] : [],
  );

export const ehrApi = createApi({
  baseQuery,
  endpoints: (build) => ({
    patients: build.query<PatientPage, { name: string; page?: string | undefined }>({
      query: ({ name, page }) => ({
        url:
          page ?? `Patient?_count=15&_sort=family${name === '' ? '' : `&name=${encodeURIComponent(name)}`}`,
      }),
      transformResponse: (bundle: Bundle) => toPatientPage(bundle),
    }),
    chart: build.query<Chart, string>({
      async queryFn(id, _api, _extra, query) {
        const ask = (url: string) => query({ url });
        const answers = await Promise.all([
          ask(`Condition?patient=${id}&_count=20`),
          ask(`MedicationStatement?patient=${id}&_count=20`),
          ask(`Encounter?patient=${id}&_sort=-date&_count=5`),
          ask(`DocumentReference?patient=${id}&_sort=-date&_count=5`),
        ]);
        const failed = answers.find((a) => a.error);
        if (failed?.error) return { error: failed.error };
        const [problems = [], medications = [], encounters = [], documents = []] = answers.map((a) =>
          matches(a.data),
        );
        return { data: { problems, medications, encounters, documents } };
      },
    }),
    apps: build.query<LaunchableApp[], undefined>({ query: () => ({ url: '/oauth2/launch-context/apps' }) }),
    launch: build.mutation<{ url: string }, { client_id: string; launch_url: string; patient: string }>({
      query: (body) => ({ url: '/oauth2/launch-context', method: 'POST', body }),
    }),
  }),
});

export const { usePatientsQuery, useChartQuery, useAppsQuery, useLaunchMutation } = ehrApi;
