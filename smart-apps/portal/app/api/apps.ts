/** Apps that the patient may connect, and those that have access (fhir-server/docs/smart.md). */
import type { AppInWords } from '@dr-assistant/ui/apps';
import { callJson } from '@dr-assistant/ui/session';
import { portalApi } from './portal-api.ts';

export interface ConnectableApp extends AppInWords {
  /** In the server's words, as on its page of consent. */
  readonly scopes: readonly { readonly scope: string; readonly words: string }[];
}

export interface AppWithAccess {
  readonly client_id: string;
  readonly client_name: string;
  /** An instant. */
  readonly since: string;
  readonly scopes: readonly { readonly scope: string; readonly words: string }[];
}

const appsApi = portalApi.injectEndpoints({
  endpoints: (build) => ({
    connectableApps: build.query<ConnectableApp[], undefined>({
      query: () => (signal) => callJson('/oauth2/apps', undefined, signal),
    }),
    appsWithAccess: build.query<AppWithAccess[], undefined>({
      query: () => (signal) => callJson('/oauth2/apps/access', undefined, signal),
      providesTags: ['Apps'],
    }),
    revoke: build.mutation<undefined, string>({
      query: (clientId) => () =>
        callJson(`/oauth2/apps/${encodeURIComponent(clientId)}/access`, { method: 'DELETE' }),
      invalidatesTags: ['Apps'],
    }),
  }),
});

export const { useAppsWithAccessQuery, useConnectableAppsQuery, useRevokeMutation } = appsApi;
