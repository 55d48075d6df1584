/** The patient's Consents, and where apps with access are revoked: `management_endpoint` of the SMART configuration. */
import type { Bundle, Consent } from '@medplum/fhirtypes';
import { callJson, matchesOf, nextPageOf } from '@dr-assistant/ui/session';
import { portalApi } from './portal-api.ts';

export interface Privacy {
  readonly consents: readonly Consent[];
  readonly accountUrl: string | undefined;
}

async function loadPrivacy(patientId: string, signal: AbortSignal): Promise<Privacy> {
  const consents: Consent[] = [];
  for (
    let url: string | undefined = `Consent?patient=${patientId}&_sort=-date&_count=100`;
    url !== undefined;
  ) {
    const bundle: Bundle = await callJson<Bundle>(url, undefined, signal);
    consents.push(...matchesOf<Consent>(bundle));
    url = nextPageOf(bundle);
  }
  const { management_endpoint: accountUrl } = await callJson<{ management_endpoint?: string }>(
    '.well-known/smart-configuration',
    undefined,
    signal,
  );
  return { consents, accountUrl: accountUrl?.startsWith('http') === true ? accountUrl : undefined };
}

export const privacyApi = portalApi.injectEndpoints({
  endpoints: (build) => ({
    privacy: build.query<Privacy, string>({
      query: (patientId) => (signal) => loadPrivacy(patientId, signal),
    }),
  }),
});

export const { usePrivacyQuery } = privacyApi;
