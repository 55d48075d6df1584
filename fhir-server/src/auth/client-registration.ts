/** What a client says of itself when it registers. https://www.rfc-editor.org/rfc/rfc7591#section-2 */
import type { JWKS } from 'oidc-provider';
import { parseScope, type CriteriaContext } from '../access/index.ts';
import type { Egress } from '../egress/index.ts';
import {
  intentFault,
  jwksFault,
  launchFault,
  nameFault,
  originFault,
  pageFault,
  publishedUriFault,
  redirectFault,
} from './check-client.ts';
import { allowedScopes, STATIC_SCOPES, type ClientAuthMethod, type ClientDocument } from './client-store.ts';

/** Section 3.2.2. Descriptions are words of ours. */
export class RegistrationError extends Error {
  readonly code: 'invalid_redirect_uri' | 'invalid_client_metadata' | 'invalid_software_statement';

  constructor(code: RegistrationError['code'], description: string) {
    super(description);
    this.code = code;
  }
}

export type RegisteredClient = Omit<ClientDocument, 'clientId' | 'secretHash' | 'tokenEndpointAuthMethod'> & {
  readonly tokenEndpointAuthMethod: ClientAuthMethod;
};

export interface RegistrationLimits {
  /** The most that may be registered. */
  readonly scope: string;
  readonly criteria: CriteriaContext;
  readonly egress: Pick<Egress, 'check'>;
}

type Metadata = Readonly<Record<string, unknown>>;

const LIST_MAX = 20;
const AUTH_METHODS: readonly ClientAuthMethod[] = [
  'none',
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
];

const invalid = (description: string): never => {
  throw new RegistrationError('invalid_client_metadata', description);
};

/** What is not understood is passed over, as section 2 has it; what is understood is right, or refused. */
export function parseRegistration(body: unknown, limits: RegistrationLimits): RegisteredClient {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    invalid('the body must be a JSON object');
  const metadata = body as Metadata;
  // Nobody's statements are trusted here, so that none can be verified.
  if (metadata['software_statement'] !== undefined)
    throw new RegistrationError('invalid_software_statement', 'software statements are not accepted');
  const name = metadata['client_name'];
  const fault = nameFault(name);
  if (fault !== undefined) invalid(`client_name ${fault}`);
  const isBackend = parseGrants(metadata);
  const method = parseAuthMethod(metadata, isBackend);
  const shared = {
    name: name as string,
    scope: parseScopes(metadata['scope'], isBackend, limits),
    tokenEndpointAuthMethod: method,
    ...parseKeys(metadata, method, limits.egress),
  };
  if (isBackend) {
    if (list(metadata, 'redirect_uris').length > 0) invalid('redirect_uris are for authorization_code alone');
    return shared;
  }
  const launchUris = [
    ...new Set([
      ...list(metadata, 'launch_uris', launchFault),
      ...(metadata['initiate_login_uri'] === undefined
        ? []
        : list({ initiate_login_uri: [metadata['initiate_login_uri']] }, 'initiate_login_uri', launchFault)),
    ]),
  ];
  const launchIntents = list(metadata, 'launch_intents', intentFault);
  const corsOrigins = list(metadata, 'cors_origins', originFault);
  return {
    ...shared,
    redirectUris: parseRedirects(metadata),
    ...parsePages(metadata, limits.egress),
    ...(launchUris.length === 0 ? {} : { launchUris }),
    ...(launchIntents.length === 0 ? {} : { launchIntents }),
    ...(corsOrigins.length === 0 ? {} : { corsOrigins }),
  };
}

/** A list of texts, each without fault. */
function list(metadata: Metadata, name: string, faultOf?: (value: unknown) => string | undefined): string[] {
  const values = metadata[name] ?? [];
  if (!Array.isArray(values) || values.length > LIST_MAX || !values.every((v) => typeof v === 'string'))
    return invalid(`${name} must be an array of at most ${LIST_MAX} texts`);
  for (const [i, value] of values.entries()) {
    const fault = faultOf?.(value);
    if (fault !== undefined) invalid(`${name}[${i}] ${fault}`);
  }
  return [...new Set(values)];
}

/** What people are shown of it before they let it in. */
function parsePages(
  metadata: Metadata,
  egress: Pick<Egress, 'check'>,
): Pick<RegisteredClient, 'clientUri' | 'logoUri' | 'policyUri'> {
  const read = (name: string, faultOf: (value: unknown) => string | undefined): string | undefined => {
    const value = metadata[name];
    if (value === undefined) return undefined;
    const fault = faultOf(value);
    return fault === undefined ? (value as string) : invalid(`${name} ${fault}`);
  };
  const clientUri = read('client_uri', pageFault);
  const logoUri = read('logo_uri', (value) => publishedUriFault(value, egress));
  const policyUri = read('policy_uri', pageFault);
  return {
    ...(clientUri === undefined ? {} : { clientUri }),
    ...(logoUri === undefined ? {} : { logoUri }),
    ...(policyUri === undefined ? {} : { policyUri }),
  };
}

/** Whether it is a backend service. An app is one thing and a service another: each has rights of its own kind. */
function parseGrants(metadata: Metadata): boolean {
  const grants =
    metadata['grant_types'] === undefined ? ['authorization_code'] : list(metadata, 'grant_types');
  const isBackend = grants.includes('client_credentials');
  const known = isBackend ? ['client_credentials'] : ['authorization_code', 'refresh_token'];
  if (
    !grants.every((grant) => known.includes(grant)) ||
    !(isBackend || grants.includes('authorization_code'))
  )
    invalid('grant_types must be client_credentials, or authorization_code with or without refresh_token');
  const responses = metadata['response_types'] === undefined ? undefined : list(metadata, 'response_types');
  const isRight = isBackend ? responses?.length === 0 : responses?.length === 1 && responses[0] === 'code';
  if (responses !== undefined && !isRight)
    invalid(`response_types must be ${isBackend ? 'empty' : '["code"]'}`);
  return isBackend;
}

function parseAuthMethod(metadata: Metadata, isBackend: boolean): ClientAuthMethod {
  const given = metadata['token_endpoint_auth_method'];
  const method =
    given === undefined
      ? isBackend
        ? 'private_key_jwt'
        : 'client_secret_basic'
      : AUTH_METHODS.find((known) => known === given);
  if (method === undefined)
    return invalid(`token_endpoint_auth_method must be one of ${AUTH_METHODS.join(', ')}`);
  if (isBackend && method !== 'private_key_jwt')
    invalid('backend services authenticate with private_key_jwt');
  const algorithm = metadata['token_endpoint_auth_signing_alg'];
  if (algorithm !== undefined && algorithm !== 'RS384' && algorithm !== 'ES384')
    invalid('token_endpoint_auth_signing_alg must be RS384 or ES384');
  return method;
}

function parseKeys(
  { jwks, jwks_uri: uri }: Metadata,
  method: ClientAuthMethod,
  egress: Pick<Egress, 'check'>,
): { jwks?: JWKS; jwksUri?: string } {
  if (method !== 'private_key_jwt') {
    if (jwks !== undefined || uri !== undefined) invalid('jwks and jwks_uri are for private_key_jwt alone');
    return {};
  }
  if ((jwks === undefined) === (uri === undefined)) invalid('either jwks or jwks_uri must be given');
  const fault = uri === undefined ? jwksFault(jwks) : publishedUriFault(uri, egress);
  if (fault !== undefined) invalid(`${uri === undefined ? 'jwks' : 'jwks_uri'} ${fault}`);
  return uri === undefined ? { jwks: jwks as JWKS } : { jwksUri: uri as string };
}

/** Web apps have https alone; what is on the user's own device may have a scheme of its own, or a port of it. */
function parseRedirects(metadata: Metadata): string[] {
  const type = metadata['application_type'] ?? 'web';
  if (type !== 'web' && type !== 'native') invalid('application_type must be web or native');
  const uris = metadata['redirect_uris'];
  const refuse = (description: string): never => {
    throw new RegistrationError('invalid_redirect_uri', description);
  };
  if (!Array.isArray(uris) || uris.length === 0 || uris.length > LIST_MAX)
    return refuse(`redirect_uris must be an array of 1 to ${LIST_MAX} URIs`);
  for (const [i, uri] of (uris as unknown[]).entries()) {
    const fault = redirectFault(uri);
    if (fault !== undefined) refuse(`redirect_uris[${i}] ${fault}`);
    if (type === 'web' && !String(uri).startsWith('https://'))
      refuse(`redirect_uris[${i}] must be https, unless application_type is native`);
  }
  return [...new Set(uris as string[])];
}

/** What of it may be registered; the answer tells. */
function parseScopes(given: unknown, isBackend: boolean, { scope, criteria }: RegistrationLimits): string {
  if (given !== undefined && typeof given !== 'string') return invalid('scope must be text');
  const asked = (given ?? scope).split(' ').filter(Boolean);
  const kept = allowedScopes({ clientId: '', name: '', scope }, asked, criteria).filter((text) =>
    STATIC_SCOPES.includes(text) ? !isBackend : (parseScope(text)?.level === 'system') === isBackend,
  );
  if (kept.length === 0) invalid('scope must name at least one that this token may register');
  return [...new Set(kept)].join(' ');
}
