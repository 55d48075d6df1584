/** What is told of a token, to whom. https://hl7.org/fhir/smart-app-launch/STU2.2/token-introspection.html */
import express, { type Request, type Response, type Router } from 'express';
import type Provider from 'oidc-provider';
import type { AuditLog } from '../audit/index.ts';
import type { Pool } from '../db/index.ts';
import { clientAddress } from '../platform/client-address.ts';
import type { Config } from '../platform/config.ts';
import { authMethods, INTROSPECT_SCOPE, loadClient } from './client-store.ts';
import { tokenContext } from './launch-store.ts';
import { noteSecurityEvent } from './security-event.ts';
import { INTROSPECTION_REFUSED } from './token-audit.ts';
import { loadUser } from './user-store.ts';

export interface IntrospectionOptions {
  readonly provider: Provider;
  readonly pool: Pool;
  readonly config: Config;
  readonly audit: Pick<AuditLog, 'note'>;
}

/** The parts of the library's tokens that are told. */
interface Token {
  readonly kind: string;
  readonly clientId?: string | undefined;
  readonly accountId?: string | undefined;
  readonly grantId?: string | undefined;
  readonly scope?: string | undefined;
  readonly iat: number;
  readonly exp?: number | undefined;
  readonly aud?: string | string[] | undefined;
}

/** RFC 7662, section 2.2: nothing else is said, and not why. */
export const INACTIVE = { active: false } as const;

/** The members of the token answer come again, with the same values. */
export async function describeToken(pool: Pool, config: Config, token: Token): Promise<object> {
  const { kind, clientId, accountId, grantId, scope = '', iat, exp, aud } = token;
  const user = accountId === undefined ? undefined : await loadUser(pool, accountId);
  const isKnown = user !== undefined && scope.split(' ').includes('fhirUser');
  return {
    active: true,
    client_id: clientId,
    scope,
    iat,
    exp,
    iss: config.issuer,
    ...(aud === undefined ? {} : { aud }),
    ...(kind === 'RefreshToken' ? {} : { token_type: 'Bearer' }),
    ...(accountId === undefined ? {} : { sub: accountId }),
    ...(isKnown ? { fhirUser: `${config.fhirBase}/${user.fhirUser}` } : {}),
    ...(grantId === undefined ? {} : await tokenContext(pool, config, grantId)),
  };
}

/** A client learns of its own tokens; of all, if it is registered for that and not a public one, as which anybody comes. */
export async function mayIntrospect(pool: Pool, clientId: string, token: Token): Promise<boolean> {
  if (token.clientId === clientId) return true;
  const client = await loadClient(pool, clientId);
  if (client === undefined || authMethods(client).includes('none')) return false;
  return client.scope.split(' ').includes(INTROSPECT_SCOPE);
}

/** POST with an access token as the caller's credential; whoever authenticates as a client goes on to oidc-provider. */
export function createIntrospectionRouter(options: IntrospectionOptions): Router {
  const router = express.Router();
  const form = express.urlencoded({ extended: false, limit: '16kb' });
  router.post('/introspect', (request, response, next) => {
    const token = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) return next();
    form(request, response, (fault?: unknown) => {
      if (fault !== undefined) next(fault);
      else answer(options, token, request, response).catch(next);
    });
  });
  return router;
}

async function answer(
  { provider, pool, config, audit }: IntrospectionOptions,
  credential: string,
  request: Request,
  response: Response,
): Promise<void> {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Pragma', 'no-cache');
  const address = clientAddress(request, config.account.trustedProxies);
  const { AccessToken, ClientCredentials, RefreshToken } = provider;
  const caller: Token | undefined =
    (await AccessToken.find(credential)) ?? (await ClientCredentials.find(credential));
  if (caller === undefined) {
    await noteSecurityEvent(audit, {
      code: 'token',
      outcome: '4',
      reason: 'not told: invalid_token',
      agent: { address },
    });
    response.setHeader('WWW-Authenticate', `Bearer realm="${config.issuer}", error="invalid_token"`);
    response.status(401).json({ error: 'invalid_token', error_description: 'unknown, expired or revoked' });
    return;
  }
  const { token: asked } = (request.body ?? {}) as Record<string, unknown>;
  if (typeof asked !== 'string' || asked === '') {
    const error_description = 'one parameter "token" is required, in a form';
    response.status(400).json({ error: 'invalid_request', error_description });
    return;
  }
  const refresh = await RefreshToken.find(asked);
  const token: Token | undefined =
    (await AccessToken.find(asked)) ??
    (await ClientCredentials.find(asked)) ??
    (refresh?.isValid === true ? refresh : undefined);
  const isAllowed = token !== undefined && isFor(caller, token);
  if (token !== undefined && !isAllowed)
    await noteSecurityEvent(audit, {
      code: 'alert',
      outcome: '4',
      reason: INTROSPECTION_REFUSED,
      agent: { clientId: caller.clientId, userId: caller.accountId, address },
    });
  response.json(isAllowed ? await describeToken(pool, config, token) : INACTIVE);
}

/** With the scope, of all tokens; without it, of those that the same client has of the same user. */
const isFor = (caller: Token, token: Token): boolean =>
  (caller.scope ?? '').split(' ').includes(INTROSPECT_SCOPE) ||
  (caller.clientId === token.clientId && caller.accountId === token.accountId);
