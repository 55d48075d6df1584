/** Apps that the patient may connect, and what each would ask for (fhir-server/docs/smart.md). */
import type { AppInWords } from '@dr-assistant/ui/apps';
import { callJson } from '@dr-assistant/ui/session';
import { portalApi } from './portal-api.ts';

export interface ConnectableApp extends AppInWords {
  /** In the server's words, as on its page of consent. */
  readonly scopes: readonly { readonly scope: string; readonly words: string }[];
}

const appsApi = portalApi.injectEndpoints({
  endpoints: (build) => ({
    connectableApps: build.query<ConnectableApp[], undefined>({
      query: () => (signal) => callJson('/oauth2/apps', undefined, signal),
    }),
  }),
});

export const { useConnectableAppsQuery } = appsApi;
