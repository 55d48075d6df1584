/** A SMART Backend Services client: signs an assertion with its key, gets a token, calls the FHIR API. */
import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT, type JWK } from 'jose';

export interface BackendAccess {
  readonly fhirBase: string;
  readonly tokenEndpoint: string;
  readonly clientId: string;
  readonly privateKey: JWK;
  /** `system/*.cruds` */
  readonly scope: string;
}

/** Client authentication of https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html */
async function signAssertion(access: BackendAccess): Promise<string> {
  const key = await importJWK(access.privateKey, access.privateKey.alg ?? 'ES384');
  return await new SignJWT({})
    .setProtectedHeader({
      alg: access.privateKey.alg ?? 'ES384',
      typ: 'JWT',
      ...(access.privateKey.kid === undefined ? {} : { kid: access.privateKey.kid }),
    })
    .setIssuer(access.clientId)
    .setSubject(access.clientId)
    .setAudience(access.tokenEndpoint)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime('4m')
    .sign(key);
}

async function requestToken(access: BackendAccess): Promise<string> {
  const response = await fetch(access.tokenEndpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: access.scope,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await signAssertion(access),
    }),
  });
  const answer = (await response.json()) as {
    access_token?: string;
    error?: string;
    error_description?: string;
  };
  if (answer.access_token === undefined) {
    throw new Error(`No token (${response.status}): ${answer.error ?? ''} ${answer.error_description ?? ''}`);
  }
  return answer.access_token;
}

/** Gets a token, and another when it has ended, and returns a function that calls the API with it; a path is relative to the FHIR base. */
export async function connect(
  access: BackendAccess,
): Promise<
  (
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Response>
> {
  let token = await requestToken(access);
  const send = (
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>>,
  ): Promise<Response> =>
    fetch(`${access.fhirBase}/${path}`.replace(/\/$/, ''), {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/fhir+json',
        ...(body === undefined ? {} : { 'content-type': 'application/fhir+json', prefer: 'return=minimal' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return async (method, path, body, headers = {}) => {
    const response = await send(method, path, body, headers);
    if (response.status !== 401) return response;
    token = await requestToken(access);
    return send(method, path, body, headers);
  };
}
