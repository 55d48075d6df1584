/** What a client is registered with, read from a document of administration. */
import type { JWKS } from 'oidc-provider';
import { parseScope, type Clearance } from '../access/index.ts';
import {
  ADMIN_SCOPES,
  type ClientAuthMethod,
  type ClientDocument,
  INTROSPECT_SCOPE,
  isAdminScope,
  jwksFault,
  launchFault,
  nameFault,
  intentFault,
  originFault,
  pageFault,
  publishedUriFault,
  redirectFault,
  scopeFault,
  stateCodeFault,
} from '../auth/index.ts';
import type { AdminContext } from './context.ts';
import type { Input } from './parse-input.ts';

const LIST_MAX = 20;
export const MEMBERS = ['clientId', 'name', 'scope', 'redirectUris', 'launchUris', 'launchIntents', 'clientUri', 'logoUri', 'policyUri', 'corsOrigins', 'postLogoutRedirectUris', 'stateCodes', 'globalStateCodes', 'tokenEndpointAuthMethod', 'mayLaunch', 'skipConsent', 'jwks', 'jwksUri', 'clearance']; // prettier-ignore
const CLEARANCES = ['R', 'V', 'consent'];

export type Registration = Omit<ClientDocument, 'clientId' | 'secretHash'>;

/** Faults go into the input, which tells them all together. */
export function parseRegistration(input: Input, { criteria, egress }: AdminContext): Registration {
  const read = {
    redirectUris: input.list('redirectUris', redirectFault, LIST_MAX),
    launchUris: input.list('launchUris', launchFault, LIST_MAX),
    launchIntents: input.list('launchIntents', intentFault, LIST_MAX),
    clientUri: input.optional('clientUri', pageFault),
    logoUri: input.optional('logoUri', (text) => publishedUriFault(text, egress)),
    policyUri: input.optional('policyUri', pageFault),
    corsOrigins: input.list('corsOrigins', originFault, LIST_MAX),
    postLogoutRedirectUris: input.list('postLogoutRedirectUris', redirectFault, LIST_MAX),
    stateCodes: input.list('stateCodes', stateCodeFault, LIST_MAX),
    globalStateCodes: input.list('globalStateCodes', stateCodeFault, LIST_MAX),
    tokenEndpointAuthMethod: input.optional('tokenEndpointAuthMethod', authMethodFault) as
      ClientAuthMethod | undefined,
    mayLaunch: input.flag('mayLaunch') || undefined,
    skipConsent: input.flag('skipConsent') || undefined,
    jwksUri: input.optional('jwksUri', (text) => publishedUriFault(text, egress)),
    clearance: input.list('clearance', (word) => CLEARANCES.includes(String(word)) ? undefined : `must be one of ${CLEARANCES.join(', ')}`, 3) as Clearance[] | undefined, // prettier-ignore
  };
  const jwks = input.get('jwks');
  const fault = jwks === undefined ? undefined : jwksFault(jwks);
  if (fault !== undefined) input.fault('jwks', fault);
  if (jwks !== undefined && read.jwksUri !== undefined)
    input.fault('jwksUri', 'is not given together with jwks');
  const scope = input.text('scope', (text) =>
    scopeFault(text, criteria, [...ADMIN_SCOPES, INTROSPECT_SCOPE]),
  );
  if (read.redirectUris?.length === 0)
    input.fault('redirectUris', 'must have one at least, or be absent for a service');
  checkLevels(input, scope, read.redirectUris === undefined);
  if (read.redirectUris === undefined)
    for (const member of [
      'launchUris',
      'launchIntents',
      'clientUri',
      'logoUri',
      'policyUri',
      'corsOrigins',
      'postLogoutRedirectUris',
      'mayLaunch',
      'skipConsent',
    ] as const)
      if (read[member] !== undefined) input.fault(member, 'is for apps, which have redirectUris');
  return withoutAbsent({
    name: input.text('name', nameFault),
    scope: scope.split(' ').filter(Boolean).join(' '),
    ...read,
    jwks: jwks as JWKS | undefined,
  });
}

const METHODS: readonly ClientAuthMethod[] = [
  'none',
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
];
const authMethodFault = (text: unknown): string | undefined =>
  (METHODS as readonly unknown[]).includes(text) ? undefined : `must be one of ${METHODS.join(', ')}`;

/** A client that could never authenticate, or that need not although it has a secret, is a mistake. */
export function checkAuthMethod(input: Input, client: Omit<ClientDocument, 'clientId'>): void {
  const { tokenEndpointAuthMethod: method, secretHash: secret, jwks, jwksUri } = client;
  const hasKeys = (jwks ?? jwksUri) !== undefined;
  const fits =
    method === undefined ||
    !METHODS.includes(method) ||
    (method === 'none'
      ? secret === undefined && !hasKeys && client.redirectUris !== undefined
      : method === 'private_key_jwt'
        ? hasKeys
        : secret !== undefined);
  if (!fits)
    input.fault('tokenEndpointAuthMethod', 'does not fit the secret and the keys that the client has');
}

/** Services have no user whose scopes they could use, and apps none but his. */
function checkLevels(input: Input, scope: string, isService: boolean): void {
  for (const word of scope.split(' ').filter(Boolean)) {
    const isSystem = word === INTROSPECT_SCOPE || parseScope(word)?.level === 'system';
    if (isAdminScope(word) || isSystem === isService) continue;
    input.fault('scope', isService ? 'of a service has system and admin scopes only' : 'of an app has no system scopes'); // prettier-ignore
    return;
  }
}

type Optional<T> = { readonly [K in keyof T]: T[K] | undefined };

const withoutAbsent = (document: Optional<Registration>): Registration =>
  Object.fromEntries(
    Object.entries(document).filter(([, value]) => value !== undefined),
  ) as unknown as Registration;
