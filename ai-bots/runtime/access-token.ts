/** Access tokens by SMART Backend Services. https://hl7.org/fhir/smart-app-launch/backend-services.html */
import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT, type JWK } from 'jose';
import { HttpFailure } from './http-failure.ts';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const ASSERTION_SECONDS = 240;
/** A token is renewed this long before it ends, so that no request starts with one about to end. */
const MARGIN_MS = 30_000;
const TIMEOUT_MS = 10_000;

export interface TokenSource {
  /** A valid access token, cached until shortly before its end. Throws HttpFailure, or a TypeError without a network. */
  token(): Promise<string>;
  /** Forgets a token that the server refused. */
  forget(token: string): void;
}

export interface BackendClient {
  readonly fhirBase: string;
  readonly clientId: string;
  readonly privateKey: JWK;
  /** Space-separated SMART v2 scopes. */
  readonly scope: string;
}

export function createTokenSource(client: BackendClient): TokenSource {
  let current: { readonly value: string; readonly renewAt: number } | undefined;
  let pending: Promise<string> | undefined;
  const renew = async (): Promise<string> => {
    const answer = await requestToken(client);
    current = { value: answer.access_token, renewAt: Date.now() + answer.expires_in * 1000 - MARGIN_MS };
    return answer.access_token;
  };
  return {
    token() {
      if (current !== undefined && Date.now() < current.renewAt) return Promise.resolve(current.value);
      pending ??= renew().finally(() => {
        pending = undefined;
      });
      return pending;
    },
    forget(token) {
      if (current?.value === token) current = undefined;
    },
  };
}

interface TokenAnswer {
  readonly access_token: string;
  /** Seconds. */
  readonly expires_in: number;
  readonly scope?: string;
}

async function requestToken(client: BackendClient): Promise<TokenAnswer> {
  const configuration = await fetchJson<{ token_endpoint: string }>(
    `${client.fhirBase}/.well-known/smart-configuration`,
  );
  const endpoint = configuration.token_endpoint;
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    scope: client.scope,
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: await signAssertion(client, endpoint),
  });
  const answer = await fetchJson<TokenAnswer>(endpoint, { method: 'POST', body: form });
  checkScope(client.scope, answer.scope);
  return answer;
}

/** A bot that got less than it declares would fail somewhere in the middle of its work. Throws HttpFailure 403. */
function checkScope(asked: string, granted: string | undefined): void {
  const has = new Set((granted ?? asked).split(' '));
  const missing = asked.split(' ').filter((scope) => !has.has(scope));
  if (missing.length > 0) throw new HttpFailure(403, `the client is not registered for ${missing.join(' ')}`);
}

async function signAssertion({ clientId, privateKey }: BackendClient, audience: string): Promise<string> {
  const algorithm = privateKey.alg ?? (privateKey.kty === 'RSA' ? 'RS384' : 'ES384');
  const header = {
    alg: algorithm,
    ...(privateKey.kid === undefined ? {} : { kid: privateKey.kid }),
    typ: 'JWT',
  };
  return new SignJWT({})
    .setProtectedHeader(header)
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(audience)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime(`${ASSERTION_SECONDS}s`)
    .sign(await importJWK(privateKey, algorithm));
}

async function fetchJson<T>(url: string, init: RequestInit = {}): Promise<T> {
  const headers = { accept: 'application/json' };
  const response = await fetch(url, { ...init, headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) {
    // OAuth errors have a code that is safe to log; other bodies are not repeated.
    const body = (await response.json().catch(() => ({}))) as { error?: unknown };
    const code = typeof body.error === 'string' ? body.error : '';
    throw new HttpFailure(
      response.status,
      `${new URL(url).pathname} answered ${response.status} ${code}`.trim(),
    );
  }
  return (await response.json()) as T;
}
