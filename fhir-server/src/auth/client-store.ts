/** Registered clients, and what oidc-provider is told of them. */
import type { AdapterPayload, JWKS } from 'oidc-provider';
import {
  type Clearance,
  isEvaluable,
  parseScope,
  type CriteriaContext,
  type Scope,
} from '../access/index.ts';
import type { Queryable } from '../db/index.ts';
import { isAdminScope } from './admin-scope.ts';

/** A client as it is registered. */
export interface ClientDocument {
  readonly clientId: string;
  readonly name: string;
  /** Scopes that it may ask for at most; `user/*.cruds` covers `user/Patient.rs`. */
  readonly scope: string;
  readonly redirectUris?: readonly string[];
  /** Where a browser may go on after a log-out. */
  readonly postLogoutRedirectUris?: readonly string[];
  /** Where EHR launches of it begin; an EHR opens no other address. */
  readonly launchUris?: readonly string[];
  /** What it may be launched for, in words of its own. */
  readonly launchIntents?: readonly string[];
  /** Its home page, its logo, and what it does with data: for people who choose among apps. */
  readonly clientUri?: string;
  readonly logoUri?: string;
  readonly policyUri?: string;
  /** Origins, besides those of its redirects, from which its pages may ask for tokens. */
  readonly corsOrigins?: readonly string[];
  /** Whether it is an EHR that may start launches of other apps. */
  readonly mayLaunch?: boolean;
  /** The clinic's own app: its users are not asked for consent. */
  readonly skipConsent?: boolean;
  /** SHA-256 of the secret. */
  readonly secretHash?: string;
  readonly jwks?: JWKS;
  /** Where its keys are, instead of `jwks`. */
  readonly jwksUri?: string;
  /** What a backend service may see besides the ordinary: labelled `R` and `V`, and what Consents deny (`consent`). */
  readonly clearance?: readonly Clearance[];
  /** State (`system|code`) that it may keep here, of patients and users; and that of everybody, which an admin's app may. */
  readonly stateCodes?: readonly string[];
  readonly globalStateCodes?: readonly string[];
  /** The one way in which it authenticates. Where none is given: by each for which it has a secret or keys. */
  readonly tokenEndpointAuthMethod?: ClientAuthMethod;
}

export type ClientAuthMethod = 'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt';

export async function loadClient(db: Queryable, clientId: string): Promise<ClientDocument | undefined> {
  // PostgreSQL's text holds no NUL.
  if (clientId.includes('\0')) return undefined;
  const { rows } = await db.query<{ document: ClientDocument }>({
    name: 'client_load',
    text: 'select document from auth.clients where client_id = $1',
    values: [clientId],
  });
  return rows[0]?.document;
}

export const isBackend = (client: ClientDocument): boolean => client.redirectUris === undefined;

/** To see which apps act for oneself, and to take that back: for the clinic's own apps. */
export const ACCOUNT_SCOPES = ['account/apps.read', 'account/apps.write'] as const;
export type AccountScope = (typeof ACCOUNT_SCOPES)[number];

/** Of SMART and OpenID Connect, for any app. */
export const SMART_SCOPES = [
  'openid',
  'fhirUser',
  'profile',
  'offline_access',
  'online_access',
  'launch',
  'launch/patient',
  'launch/encounter',
];

/** Static scopes of the authorization server; all others are scopes for resources. */
export const STATIC_SCOPES: readonly string[] = [...SMART_SCOPES, ...ACCOUNT_SCOPES];

/** To learn of all tokens at the introspection endpoint: for resource servers, which are backend clients. */
export const INTROSPECT_SCOPE = 'introspect';

/** The part of the requested scopes that the client is registered for. */
export function allowedScopes(
  client: ClientDocument,
  requested: Iterable<string>,
  criteria: CriteriaContext,
): string[] {
  const registered = client.scope.split(' ');
  const broad = registered.flatMap((text) => parseScope(text) ?? []);
  return [...requested].filter((text) => {
    if (STATIC_SCOPES.includes(text) || isAdminScope(text)) return registered.includes(text);
    if (text === INTROSPECT_SCOPE) return isBackend(client) && registered.includes(text);
    const scope = parseScope(text);
    // A granular scope that could not be enforced is not granted at all.
    if (scope === undefined || !isEvaluable(scope, criteria)) return false;
    return broad.some((wide) => covers(wide, scope));
  });
}

/** Whether the scope lies within one of those granted: `patient/Observation.rs` within `patient/*.rs`. */
export function coversScope(granted: readonly string[], text: string): boolean {
  const scope = parseScope(text);
  if (scope === undefined) return granted.includes(text);
  return granted.some((wide) => {
    const parsed = parseScope(wide);
    return parsed !== undefined && covers(parsed, scope);
  });
}

function covers(wide: Scope, narrow: Scope): boolean {
  if (wide.level !== narrow.level) return false;
  if (wide.resourceType !== '*' && wide.resourceType !== narrow.resourceType) return false;
  if (![...narrow.letters].every((letter) => wide.letters.includes(letter))) return false;
  return wide.params.length === 0 || wide.text === narrow.text;
}

/** RFC 7591 metadata. A client with a secret and keys may use either: the request at hand decides. */
export function clientMetadata(
  client: ClientDocument,
  used: ClientAuthMethod | undefined,
  keys: JWKS,
): AdapterPayload {
  const { clientId, name, secretHash } = client;
  const method = used ?? authMethods(client)[0]!;
  const redirects = [...(client.redirectUris ?? [])];
  return {
    client_id: clientId,
    client_name: name,
    token_endpoint_auth_method: method,
    grant_types: isBackend(client) ? ['client_credentials'] : ['authorization_code', 'refresh_token'],
    response_types: isBackend(client) ? [] : ['code'],
    redirect_uris: redirects,
    post_logout_redirect_uris: [...(client.postLogoutRedirectUris ?? [])],
    id_token_signed_response_alg: 'RS256',
    ...(client.corsOrigins === undefined ? {} : { cors_origins: [...client.corsOrigins] }),
    ...(method.startsWith('client_secret') && secretHash !== undefined ? { client_secret: secretHash } : {}),
    ...(method === 'private_key_jwt' ? { jwks: keys } : {}),
    // Native and development apps may be registered with loopback redirects and schemes of their own (RFC 8252).
    application_type: redirects.every((uri) => uri.startsWith('https://')) ? 'web' : 'native',
  };
}

/** How it may authenticate; the first is the one that it is known for. */
export function authMethods(client: ClientDocument): ClientAuthMethod[] {
  const { jwks, jwksUri, secretHash, tokenEndpointAuthMethod: only } = client;
  if (only !== undefined) return [only];
  const methods: ClientAuthMethod[] = [];
  if ((jwks ?? jwksUri) !== undefined) methods.push('private_key_jwt');
  if (secretHash !== undefined) methods.push('client_secret_basic', 'client_secret_post');
  return methods.length === 0 ? ['none'] : methods;
}
