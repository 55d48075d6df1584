/** What a maker of apps sends to register one, and the keys for it. */
import { exportJWK, generateKeyPair } from 'jose';
import type { TestServer } from '../../support/server.ts';

/** What the initial access tokens of these tests allow. */
export const MOST =
  'openid fhirUser offline_access launch launch/patient patient/*.rs system/Patient.rs system/Observation.rs';

export const APP = {
  client_name: 'My app',
  redirect_uris: ['https://mine.example/callback'],
  token_endpoint_auth_method: 'none',
  scope: 'launch/patient patient/Patient.rs',
};
export const SERVICE = {
  client_name: 'My service',
  grant_types: ['client_credentials'],
  scope: 'system/Patient.rs',
};

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly client_id: string;
  readonly client_secret?: string;
  readonly scope: string;
  readonly error?: string;
  readonly [member: string]: unknown;
}

export async function register(server: TestServer, metadata: unknown, token: string | null): Promise<Answer> {
  const response = await fetch(`${server.baseUrl}/oauth2/register`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
    },
    body: typeof metadata === 'string' ? metadata : JSON.stringify(metadata),
  });
  return {
    ...((await response.json()) as object),
    status: response.status,
    headers: response.headers,
  } as Answer;
}

export async function makeKey(alg: string, kid: string) {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { jwk: { ...(await exportJWK(publicKey)), kid, alg }, privateKey, alg, kid };
}
export type Key = Awaited<ReturnType<typeof makeKey>>;
