/** Calls to the endpoints of the authorization server that are no pages, and clients that sign. */
import { randomUUID } from 'node:crypto';
import {
  exportJWK,
  generateKeyPair,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTHeaderParameters,
} from 'jose';
import { provisionAccounts, type ProvisionDocument } from '../../src/auth/index.ts';
import { createPool, type Pool } from '../../src/db/index.ts';
import { loadConfig } from '../../src/platform/config.ts';
import type { TestServer } from './server.ts';

export const CLIENT_SECRET = 'a secret of many letters';

/** On the server's database, for what has no HTTP face, such as time that passes. The caller ends it. */
export const poolOf = ({ databaseUrl }: Pick<TestServer, 'databaseUrl'>): Pool =>
  createPool(
    loadConfig({ DATABASE_URL: databaseUrl, COOKIE_SECRET: 'a secret that is long enough for tests' }),
  );

export const provision = (pool: Pool, document: Partial<ProvisionDocument>): Promise<void> =>
  provisionAccounts(pool, { users: [], clients: [], ...document });

export interface OAuthAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

/** POST of a form to `token`, `introspect` or `revoke`. */
export async function post(
  { baseUrl }: Pick<TestServer, 'baseUrl'>,
  path: string,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<OAuthAnswer> {
  const body = new URLSearchParams(form);
  const response = await fetch(`${baseUrl}/oauth2/${path}`, { method: 'POST', headers, body });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
  };
}

/** RFC 6749 section 2.3.1: both parts are form-encoded before. */
export const basic = (id: string, secret = CLIENT_SECRET): { Authorization: string } => ({
  Authorization: `Basic ${btoa(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`)}`,
});

export const bearer = (token: unknown): { Authorization: string } => ({
  Authorization: `Bearer ${String(token)}`,
});

export interface TestKey {
  readonly publicJwk: JWK;
  readonly privateKey: CryptoKey;
}

export async function makeKey(alg: 'RS384' | 'ES384' | 'RS256', kid: string): Promise<TestKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { publicJwk: { ...(await exportJWK(publicKey)), kid, use: 'sig' }, privateKey };
}

export interface AssertionChanges {
  readonly iss?: string;
  readonly sub?: string;
  readonly aud?: string | string[];
  /** From now. */
  readonly expiresIn?: number;
  readonly jti?: string;
  readonly header?: Partial<JWTHeaderParameters>;
}

/** A client's assertion for the token endpoint, right but for what is changed. */
export function signAssertion(
  { baseUrl }: Pick<TestServer, 'baseUrl'>,
  clientId: string,
  { publicJwk, privateKey }: TestKey,
  changes: AssertionChanges = {},
): Promise<string> {
  const { iss = clientId, sub = iss, aud = `${baseUrl}/oauth2/token`, expiresIn = 240, jti } = changes;
  const alg = publicJwk.kty === 'EC' ? 'ES384' : 'RS384';
  return new SignJWT({})
    .setProtectedHeader({ alg, kid: publicJwk.kid!, typ: 'JWT', ...changes.header })
    .setIssuer(iss)
    .setSubject(sub)
    .setAudience(aud)
    .setJti(jti ?? randomUUID())
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + expiresIn)
    .sign(privateKey);
}

export const asserted = (assertion: string): Record<string, string> => ({
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  client_assertion: assertion,
});
