/** Requests with the session's token, which is renewed before it ends and once more when the server refuses it. */
import { ApiError, faultText, issuesOf } from './api-error.ts';

/** What calls need of a SMART client: fhirclient's has it. */
export interface TokenHolder {
  readonly state: {
    readonly serverUrl: string;
    tokenResponse?: { access_token?: string; refresh_token?: string };
  };
  /** Renews the token when it is about to end. */
  refreshIfNeeded(): Promise<unknown>;
  refresh(): Promise<unknown>;
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: BodyInit;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Whether a refusal is an answer, too, except that the session has ended. */
  readonly anyStatus?: boolean;
}

let holder: TokenHolder | undefined;

/** From now on, calls go with these tokens. */
export function holdTokensOf(client: TokenHolder): void {
  holder = client;
}

const tokenOf = (client: TokenHolder): string => client.state.tokenResponse?.access_token ?? '';

/**
 * Completes when there is a token that is not known to have ended. A failed renewal ends the session (401),
 * except for want of an answer (0), after which it can be tried again.
 */
async function renew(client: TokenHolder, work: () => Promise<unknown>): Promise<void> {
  const refreshToken = client.state.tokenResponse?.refresh_token;
  try {
    await work();
  } catch (error) {
    // A TypeError is fetch's word for no answer.
    if ((error as Error).name !== 'TypeError') throw new ApiError(401, '');
    // fhirclient drops the refresh token on any failure, a broken connection too.
    const tokens = client.state.tokenResponse;
    if (tokens !== undefined && refreshToken !== undefined) tokens.refresh_token = refreshToken;
    throw new ApiError(0, '');
  }
}

/** Whether there is another token than the refused one: one that a parallel call has got, or a new one. */
async function hasNewToken(client: TokenHolder, refused: string): Promise<boolean> {
  if (tokenOf(client) !== refused) return true;
  if (client.state.tokenResponse?.refresh_token === undefined) return false;
  await renew(client, () => client.refresh());
  return tokenOf(client) !== refused;
}

/** Throws TypeError for an address outside of the FHIR server, which must not see the token. */
function addressOf(url: string, fhirBase: string): URL {
  const base = fhirBase.endsWith('/') ? fhirBase : `${fhirBase}/`;
  const address = url === '' ? new URL(fhirBase) : new URL(url, base);
  if (address.origin !== new URL(base).origin) throw new TypeError('A session is for its own server only.');
  return address;
}

/**
 * @param url relative to the FHIR base (`Patient/1`), to the server's root (`/app-state`), or a link of a Bundle
 * Throws ApiError in the server's words: 401 when the session has ended, 0 when there was no answer. An abort
 * throws what the signal says.
 */
export async function call(
  url: string,
  { method = 'GET', body, headers, signal, anyStatus = false }: Call = {},
): Promise<Response> {
  const client = holder;
  if (client === undefined) throw new ApiError(401, '');
  const address = addressOf(url, client.state.serverUrl);
  const accept = url.startsWith('/') ? 'application/json' : 'application/fhir+json';
  const send = (): Promise<Response> =>
    fetch(address, {
      method,
      headers: { Accept: accept, ...headers, Authorization: `Bearer ${tokenOf(client)}` },
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    }).catch((error: unknown) => {
      if (signal?.aborted) throw error;
      throw new ApiError(0, '');
    });
  await renew(client, () => client.refreshIfNeeded());
  const token = tokenOf(client);
  let response = await send();
  // A stream is gone once it was sent.
  const canRepeat = !(body instanceof ReadableStream);
  if (response.status === 401 && canRepeat && (await hasNewToken(client, token))) response = await send();
  if (response.ok || (anyStatus && response.status !== 401)) return response;
  const answer: unknown = await response.json().catch(() => undefined);
  throw new ApiError(response.status, faultText(answer), undefined, issuesOf(answer));
}

export interface Sent {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** A resource, a Bundle, a JSON Patch, or what an endpoint beside FHIR takes. */
  readonly resource?: object;
  /** `If-Match`, `If-None-Exist`, `Prefer`, or another Content-Type. */
  readonly headers?: Readonly<Record<string, string>>;
}

function contentTypeOf(url: string, { method, resource }: Sent): string {
  if (method === 'PATCH' && Array.isArray(resource)) return 'application/json-patch+json';
  return url.startsWith('/') ? 'application/json' : 'application/fhir+json';
}

/** As `call`, with JSON both ways; undefined when the answer has no body. */
export async function callJson<T>(url: string, sent?: Sent, signal?: AbortSignal): Promise<T> {
  const response = await call(url, {
    ...(signal === undefined ? {} : { signal }),
    ...(sent && {
      method: sent.method,
      headers: {
        ...(sent.resource === undefined ? {} : { 'Content-Type': contentTypeOf(url, sent) }),
        ...sent.headers,
      },
      ...(sent.resource === undefined ? {} : { body: JSON.stringify(sent.resource) }),
    }),
  });
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}
