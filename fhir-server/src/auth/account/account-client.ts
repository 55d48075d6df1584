/** The account pages as a client of the authorization server: their log-in is the one of every app. */
import { createHash, randomBytes } from 'node:crypto';
import type { Pool } from '../../db/index.ts';
import type { Config } from '../../platform/config.ts';
import type { ClientDocument } from '../client-store.ts';

export const ACCOUNT_CLIENT = 'account';

const callbackOf = ({ issuer }: Pick<Config, 'issuer'>): string => `${issuer}/account/callback`;

/** With no scope for data. */
export async function ensureAccountClient(pool: Pool, config: Config): Promise<void> {
  const document: ClientDocument = {
    clientId: ACCOUNT_CLIENT,
    name: 'your account',
    redirectUris: [callbackOf(config)],
    skipConsent: true,
    scope: 'openid',
  };
  await pool.query(
    `insert into auth.clients (client_id, document) values ($1, $2)
     on conflict (client_id) do update set document = excluded.document
     where auth.clients.document is distinct from excluded.document`,
    [ACCOUNT_CLIENT, JSON.stringify(document)],
  );
}

export interface Demands {
  /** Since the last log-in. */
  readonly maxAgeSeconds?: number;
  readonly acrValues?: string;
}

/** Where a browser logs in to come back to this page. The code that it brings is never redeemed: the session is all that counts. */
export function loginUrl(config: Config, page: string, { maxAgeSeconds, acrValues }: Demands): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: ACCOUNT_CLIENT,
    redirect_uri: callbackOf(config),
    scope: 'openid',
    aud: config.fhirBase,
    state: page,
    code_challenge: createHash('sha256').update(randomBytes(32)).digest('base64url'),
    code_challenge_method: 'S256',
    ...(maxAgeSeconds === undefined ? {} : { max_age: String(maxAgeSeconds) }),
    ...(acrValues === undefined ? {} : { acr_values: acrValues }),
  });
  return `${config.issuer}/authorize?${query.toString()}`;
}

export async function forgetAccountGrants(pool: Pool, userId: string): Promise<void> {
  await pool.query(
    `delete from auth.oidc where payload ? 'accountId' and payload->>'accountId' = $1 and payload->>'clientId' = $2
       and model in ('Grant', 'AuthorizationCode')`,
    [userId, ACCOUNT_CLIENT],
  );
}
