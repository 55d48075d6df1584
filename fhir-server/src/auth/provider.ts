/** oidc-provider set up as a SMART App Launch 2.2 server. https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html */
import { createHash } from 'node:crypto';
import { Provider, errors, type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import type { JWK } from 'jose';
import type { CriteriaContext } from '../access/index.ts';
import type { Pool } from '../db/index.ts';
import type { Egress } from '../egress/index.ts';
import type { Config } from '../platform/config.ts';
import type { Logger } from '../platform/logger.ts';
import { ACR_VALUES, createInteractionPolicy } from './account/assurance.ts';
import { createLogoutPages } from './account/logout.ts';
import type { AuditLog } from '../audit/index.ts';
import { createAdapter } from './adapter.ts';
import { assertionRules } from './client-assertion.ts';
import type { ClientKeys } from './client-keys.ts';
import { allowedScopes, loadClient, SMART_SCOPES } from './client-store.ts';
import { isOriginOf } from './cors-origins.ts';
import { cookieNames, sessionCookie } from './cookies.ts';
import { PAGE_HEADERS } from './page-headers.ts';
import { mayIntrospect } from './introspection.ts';
import { isLaunch } from './launch-store.ts';
import { errorPage } from './error-page.ts';
import { installRotation } from './refresh-rotation.ts';
import { isSecret } from './secret-hash.ts';
import { installTokenAnswers } from './token-answer.ts';
import { loadUser } from './user-store.ts';

const USER_TOKEN_SECONDS = 15 * 60;
/** SMART Backend Services: not longer than five minutes. */
const BACKEND_TOKEN_SECONDS = 5 * 60;
const DAY = 24 * 3600;
/** An app that is not used for so long starts anew; in any case it does so after a year. */
const REFRESH_TOKEN_DAYS = 100;
const GRANT_DAYS = 365;

export interface ProviderOptions {
  readonly pool: Pool;
  readonly config: Config;
  readonly logger: Logger;
  /** With which id tokens are signed; the first one signs. */
  readonly keys: JWK[];
  readonly egress: Pick<Egress, 'fetch'>;
  /** Of clients. */
  readonly clientKeys: ClientKeys;
  readonly audit: Pick<AuditLog, 'note'>;
  /** With which granular scopes are looked at. */
  readonly criteria: CriteriaContext;
}

type Koa = Pick<KoaContextWithOIDC, 'path' | 'method' | 'query'>;

const words = (text: unknown): string[] => (typeof text === 'string' ? text.split(' ').filter(Boolean) : []);

export function createProvider(options: ProviderOptions): Provider {
  const { pool, config, logger, audit } = options;
  const provider = new Provider(config.issuer, configuration(options));
  // Behind Express the scheme and host come from headers that the router sets from the configuration.
  provider.proxy = true;
  Object.defineProperty(provider.Client.prototype, 'compareClientSecret', {
    value(this: { clientSecret: string }, given: string) {
      return Promise.resolve(isSecret(given, this.clientSecret));
    },
  });
  installRotation(provider);
  installTokenAnswers(provider, { pool, config, audit });
  provider.use((ctx: Koa, next: () => Promise<unknown>) => {
    if (ctx.path === '/authorize') allowOfflineAccess(ctx);
    return next();
  });
  provider.on('server_error', (_ctx, error) =>
    logger.error({ name: error.name, stack: error.stack }, 'oauth fault'),
  );
  return provider;
}

/**
 * SMART apps ask for offline_access without `prompt=consent`, which OpenID Connect demands; here every request is
 * consented to anew in any case.
 */
function allowOfflineAccess(ctx: Koa): void {
  const { scope, prompt } = ctx.query;
  if (ctx.method === 'GET' && prompt === undefined && words(scope).includes('offline_access'))
    ctx.query = { ...ctx.query, prompt: 'consent' };
}

function configuration({ pool, config, keys, clientKeys, criteria, egress }: ProviderOptions): Configuration {
  const { path: _path, ...interactionCookie } = sessionCookie(config);
  return {
    adapter: createAdapter(pool, clientKeys),
    jwks: { keys },
    scopes: SMART_SCOPES,
    acrValues: ACR_VALUES,
    claims: { openid: ['sub', 'acr', 'amr', 'auth_time'], fhirUser: ['fhirUser'], profile: ['name'] },
    conformIdTokenClaims: false,
    responseTypes: ['code'],
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    enabledJWA: { clientAuthSigningAlgValues: ['RS384', 'ES384'], idTokenSigningAlgValues: ['RS256'] },
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    cookies: {
      keys: [createHash('sha256').update(`cookies ${config.secret}`).digest('base64url')],
      long: sessionCookie(config),
      short: interactionCookie,
      names: cookieNames(config),
    },
    routes: {
      authorization: '/authorize',
      token: '/token',
      introspection: '/introspect',
      revocation: '/revoke',
      jwks: '/jwks',
      end_session: '/logout',
    },
    ttl: {
      AccessToken: USER_TOKEN_SECONDS,
      AuthorizationCode: 60,
      ClientCredentials: BACKEND_TOKEN_SECONDS,
      Grant: GRANT_DAYS * DAY,
      IdToken: USER_TOKEN_SECONDS,
      Interaction: 3600,
      RefreshToken: REFRESH_TOKEN_DAYS * DAY,
      Session: DAY,
    },
    rotateRefreshToken: true,
    // Also when an app takes back an access token alone: nothing is left that it could not use.
    revokeGrantPolicy: () => true,
    issueRefreshToken: (_ctx, client, source) => {
      const isWanted = source.scopes.has('offline_access') || source.scopes.has('online_access');
      return Promise.resolve(isWanted && client.grantTypeAllowed('refresh_token'));
    },
    expiresWithSession: (_ctx, source) => Promise.resolve(!source.scopes.has('offline_access')),
    extraParams: {
      // Also where a `resource` is sent, for which no default is asked.
      aud: (ctx, value) => {
        if (ctx.oidc.route === 'authorization' && value?.replace(/\/$/, '') !== config.fhirBase)
          throw new errors.InvalidRequest('aud must be the FHIR base of this server');
      },
      launch: async (_ctx, value, client) => {
        if (value === undefined) return;
        if (!(await isLaunch(pool, value, client?.clientId ?? '')))
          throw new errors.InvalidRequest('launch is unknown, expired, used, or made for another app');
      },
    },
    features: {
      devInteractions: { enabled: false },
      // Tokens are for the FHIR base alone; what it would tell is in the id token.
      userinfo: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      rpInitiatedLogout: createLogoutPages(pool, config.account.identityProviders),
      clientCredentials: { enabled: true },
      introspection: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => mayIntrospect(pool, client.clientId, token),
      },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => Promise.resolve(token.clientId === client.clientId),
      },
      resourceIndicators: resourceIndicators(pool, config, criteria),
    },
    interactions: {
      policy: createInteractionPolicy(pool, config.account.mfaRoles),
      url: (_ctx, interaction) => `/oauth2/interaction/${interaction.uid}`,
    },
    // Each authorization has a grant of its own, so that two launches in one session keep apart what they may see.
    loadExistingGrant: async (ctx) => {
      const grantId = ctx.oidc.result?.consent?.grantId;
      return grantId === undefined ? undefined : ctx.oidc.provider.Grant.find(grantId);
    },
    findAccount: async (_ctx, id) => {
      const user = await loadUser(pool, id);
      return (
        user && {
          accountId: user.id,
          claims: () =>
            Promise.resolve({
              sub: user.id,
              name: user.username,
              ...(user.fhirUser === undefined ? {} : { fhirUser: `${config.fhirBase}/${user.fhirUser}` }),
            }),
        }
      );
    },
    // Keys of clients are got through the guard, which has its own limits of size and time.
    fetch: (url, init) => egress.fetch(url instanceof Request ? url.url : url, init),
    // Ours, with rules for scopes and redirects that the library's does not have.
    discovery: { registration_endpoint: `${config.issuer}/register` },
    extraClientMetadata: { properties: ['cors_origins'] },
    clientBasedCORS: (_ctx, origin, client) =>
      isOriginOf(
        { redirectUris: client.redirectUris, corsOrigins: client['cors_origins'] as string[] },
        origin,
      ),
    assertJwtClientAuthClaimsAndHeader: assertionRules(pool, config),
    renderError: (ctx, out) => {
      ctx.set(PAGE_HEADERS);
      ctx.type = 'html';
      ctx.body = errorPage(out.error, typeof out.error_description === 'string' ? out.error_description : '');
    },
  };
}

/** The FHIR base is the one resource server: the `aud` of SMART names it, and tokens are for it alone. */
function resourceIndicators(
  pool: Pool,
  config: Config,
  criteria: CriteriaContext,
): NonNullable<NonNullable<Configuration['features']>['resourceIndicators']> {
  return {
    enabled: true,
    defaultResource: (ctx) => {
      const aud = ctx.oidc.params?.['aud'];
      if (
        ctx.oidc.route === 'authorization' &&
        (typeof aud !== 'string' || aud.replace(/\/$/, '') !== config.fhirBase)
      )
        throw new errors.InvalidRequest('aud must be the FHIR base of this server');
      return Promise.resolve(config.fhirBase);
    },
    useGrantedResource: () => Promise.resolve(true),
    getResourceServerInfo: async (ctx, resource, client) => {
      if (resource !== config.fhirBase) throw new errors.InvalidTarget();
      const { params, entities } = ctx.oidc;
      const requested = new Set([
        ...words(params?.['scope']),
        ...words(entities.AuthorizationCode?.scope),
        ...words(entities.RefreshToken?.scope),
      ]);
      const document = await loadClient(pool, client.clientId);
      const scope = document === undefined ? [] : allowedScopes(document, requested, criteria);
      const isFirst = ctx.oidc.route === 'authorization' || params?.['grant_type'] === 'client_credentials';
      if (isFirst && scope.length === 0)
        throw new errors.InvalidScope('none of the scopes asked for is registered for this client', '');
      return {
        scope: scope.join(' '),
        audience: config.fhirBase,
        accessTokenFormat: 'opaque',
        accessTokenTTL:
          params?.['grant_type'] === 'client_credentials' ? BACKEND_TOKEN_SECONDS : USER_TOKEN_SECONDS,
      };
    },
  };
}
