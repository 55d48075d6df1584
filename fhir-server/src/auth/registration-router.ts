/** Clients that register themselves, with an initial access token. https://www.rfc-editor.org/rfc/rfc7591#section-3 */
import { randomBytes, randomUUID } from 'node:crypto';
import express, { type Request, type Response, type Router } from 'express';
import type Provider from 'oidc-provider';
import type { AuditLog } from '../audit/index.ts';
import type { Pool } from '../db/index.ts';
import {
  parseRegistration,
  RegistrationError,
  type RegisteredClient,
  type RegistrationLimits,
} from './client-registration.ts';
import { isBackend, type ClientDocument } from './client-store.ts';
import { initialScope, storeRegistered } from './initial-access.ts';
import { secretHash } from './secret-hash.ts';
import { noteSecurityEvent } from './security-event.ts';

export interface RegistrationOptions extends Omit<RegistrationLimits, 'scope'> {
  readonly pool: Pool;
  readonly provider: Provider;
  readonly audit: Pick<AuditLog, 'note'>;
}

export function createRegistrationRouter(options: RegistrationOptions): Router {
  const router = express.Router();
  // Read as text, so that what cannot be parsed is answered as OAuth has it.
  const text = express.text({ type: () => true, limit: '256kb' });
  router.post('/register', text, async (request, response) => {
    response.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' });
    const token = /^Bearer +([\w\-.~+/]+=*)$/i.exec(request.headers.authorization ?? '')?.[1];
    const scope = token === undefined ? undefined : await initialScope(options.pool, token);
    if (token === undefined || scope === undefined) return refuseToken(options, request, response);
    try {
      const registered = parseRegistration(parseBody(request), { ...options, scope });
      await register(options, request, response, { token, registered });
    } catch (error) {
      if (!(error instanceof RegistrationError)) throw error;
      await noteRegistration(options, request, { reason: error.message });
      response.status(400).json({ error: error.code, error_description: error.message });
    }
  });
  return router;
}

function parseBody(request: Request): unknown {
  if (request.is('application/json') === false)
    throw new RegistrationError('invalid_client_metadata', 'the body must be application/json');
  try {
    return JSON.parse(typeof request.body === 'string' ? request.body : '');
  } catch {
    throw new RegistrationError('invalid_client_metadata', 'the body is no JSON');
  }
}

async function refuseToken(
  options: RegistrationOptions,
  request: Request,
  response: Response,
): Promise<void> {
  const description = 'an initial access token is required; this one is missing, unknown, expired or used up';
  await noteRegistration(options, request, { reason: description });
  response.set('WWW-Authenticate', 'Bearer error="invalid_token"');
  response.status(401).json({ error: 'invalid_token', error_description: description });
}

async function register(
  options: RegistrationOptions,
  request: Request,
  response: Response,
  { token, registered }: { readonly token: string; readonly registered: RegisteredClient },
): Promise<void> {
  const clientId = randomUUID();
  const secret = registered.tokenEndpointAuthMethod.startsWith('client_secret')
    ? randomBytes(32).toString('base64url')
    : undefined;
  const client: ClientDocument = {
    ...registered,
    clientId,
    ...(secret === undefined ? {} : { secretHash: secretHash(secret) }),
  };
  if (!(await storeRegistered(options.pool, token, client))) return refuseToken(options, request, response);
  await checkUsable(options, clientId);
  await noteRegistration(options, request, { clientId });
  response.status(201).json({
    client_id: clientId,
    client_id_issued_at: Math.floor(Date.now() / 1_000),
    ...(secret === undefined ? {} : { client_secret: secret, client_secret_expires_at: 0 }),
    ...describe(registered, client),
  });
}

/** The library has rules of its own for clients: one that it would not take is taken back. */
async function checkUsable({ provider, pool }: RegistrationOptions, clientId: string): Promise<void> {
  try {
    await provider.Client.find(clientId);
  } catch {
    await pool.query('delete from auth.clients where client_id = $1', [clientId]);
    throw new RegistrationError('invalid_client_metadata', 'these metadata do not go together');
  }
}

/** What was registered, which may be less than was asked for. */
function describe(registered: RegisteredClient, client: ClientDocument): object {
  const { name, scope, tokenEndpointAuthMethod } = registered;
  const given = {
    redirect_uris: registered.redirectUris,
    launch_uris: registered.launchUris,
    launch_intents: registered.launchIntents,
    client_uri: registered.clientUri,
    logo_uri: registered.logoUri,
    policy_uri: registered.policyUri,
    cors_origins: registered.corsOrigins,
    jwks: registered.jwks,
    jwks_uri: registered.jwksUri,
  };
  return {
    client_name: name,
    scope,
    token_endpoint_auth_method: tokenEndpointAuthMethod,
    grant_types: isBackend(client) ? ['client_credentials'] : ['authorization_code', 'refresh_token'],
    response_types: isBackend(client) ? [] : ['code'],
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
}

const noteRegistration = (
  { audit }: RegistrationOptions,
  request: Request,
  { clientId, reason }: { readonly clientId?: string; readonly reason?: string },
): Promise<void> =>
  noteSecurityEvent(audit, {
    code: 'client-change',
    action: 'C',
    outcome: reason === undefined ? '0' : '4',
    ...(reason === undefined ? {} : { reason }),
    agent: { clientId, address: request.socket.remoteAddress },
  });
