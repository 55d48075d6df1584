/** The face of auth: the authorization server under /oauth2, and who a request is from. */
import type { IncomingMessage } from 'node:http';
import express, { type Router } from 'express';
import type { Principal } from '../access/index.ts';
import type { AuditLog } from '../audit/index.ts';
import type { Pool } from '../db/index.ts';
import type { Egress } from '../egress/index.ts';
import type { Config } from '../platform/config.ts';
import type { Logger } from '../platform/logger.ts';
import { type CountRead, createSharedCache, createSharedCopies, type SharedRedis } from '../redis/index.ts';
import type { SearchParameterRegistry } from '../search/index.ts';
import { createAppGallery } from './app-gallery.ts';
import { createAppLogos } from './app-logo.ts';
import { createAuthorizePost } from './authorize-post.ts';
import { loadBrands } from './brands.ts';
import type { ChartLookup } from './chart-lookup.ts';
import { ensureAccountClient } from './account/account-client.ts';
import { createAccountRouter } from './account/account-router.ts';
import { createFederationRouter } from './account/federation-router.ts';
import { createAccountServices, followSessions } from './account/index.ts';
import { startExpiry } from './expiry.ts';
import { createClientKeys } from './client-keys.ts';
import { createInteractionRouter } from './interaction-router.ts';
import { createIntrospectionRouter } from './introspection.ts';
import { createJwksRouter, followSigningKeys } from './key-rotation.ts';
import { createLaunchRouter } from './launch-router.ts';
import { createOwnApps } from './own-apps.ts';
import { createTokenVerifier } from './principal-loader.ts';
import { createProvider } from './provider.ts';
import { ensurePolicies } from './provision.ts';
import { createPublicRouter } from './public-router.ts';
import { loadSigningKeys } from './signing-keys.ts';
import { createRegistrationRouter } from './registration-router.ts';
import { createRateLimits } from './rate-limit.ts';
import { createOAuthLimit, limitUnauthorized } from './request-limits.ts';
import { smartConfiguration } from './smart-configuration.ts';
import { styleOf } from './style.ts';

export { ADMIN_SCOPES, type AdminScope, isAdminScope } from './admin-scope.ts';
export * from './check-client.ts';
export { createPasswordPolicy } from './account/password-policy.ts';
export { ACCOUNT_CLIENT } from './account/account-client.ts';
export { type ClientAuthMethod, type ClientDocument, INTROSPECT_SCOPE, isBackend } from './client-store.ts';
export { endAccountAccess, revokeGrant } from './grant-store.ts';
export { secretHash } from './secret-hash.ts';
export { noteSecurityEvent } from './security-event.ts';
export { createInitialAccess } from './initial-access.ts';
export { loadPrincipalFor, loadPrincipalOf } from './owner-principal.ts';
export { loadRequester, type TokenRights } from './requester-principal.ts';
export { rotateSigningKey } from './signing-keys.ts';
export { ensurePolicies, provisionAccounts, type ProvisionDocument } from './provision.ts';

export interface AuthOptions extends ChartLookup {
  readonly pool: Pool;
  readonly config: Config;
  readonly logger: Logger;
  readonly registry: SearchParameterRegistry;
  readonly audit: Pick<AuditLog, 'note'>;
  /** For what clients and identity providers publish. */
  readonly egress: Egress;
  /** What the processes share, where they do. */
  readonly shared: { readonly redis: SharedRedis; readonly count: CountRead } | undefined;
}

export interface Auth {
  /** To be mounted at the path of the issuer. */
  readonly router: Router;
  readonly smartConfiguration: () => object;
  /**
   * Throws FhirError 401 with a challenge; of an address from which too many came, 429. Without the request that it
   * belongs to nothing is counted.
   */
  readonly authenticate: (authorization: string | undefined, request?: IncomingMessage) => Promise<Principal>;
  /** To be called before a request is answered that may have changed rights. */
  readonly doubt: () => void;
  readonly close: () => void;
}

export async function createAuth(options: AuthOptions): Promise<Auth> {
  const { pool, config, logger, registry } = options;
  const criteria = { registry, baseUrl: config.fhirBase };
  await ensurePolicies(pool);
  const brands = loadBrands(config.brandsFile, config);
  const caches = options.shared && { ...options.shared, secret: config.secret };
  const limits = createRateLimits(pool, options.shared?.redis);
  const following = createAccountServices({ ...options, limits });
  await ensureAccountClient(pool, config);
  const clientKeys = createClientKeys({
    egress: options.egress,
    logger,
    shared: caches && createSharedCache('keys', caches),
  });
  // One that signs, anew for each change of keys; what hangs on it is in createProvider. Its state is in the database.
  const { keys } = await loadSigningKeys(pool, config.signingKey);
  const providerFor = (signing: typeof keys) =>
    followSessions(createProvider({ ...options, keys: signing, clientKeys, criteria }), following);
  const provider = providerFor(keys);
  const services = { ...following, provider };
  const signing = await followSigningKeys({
    pool,
    settings: config.signingKey,
    logger,
    handlerFor: (found) => providerFor(found).callback(),
  });
  const verifier = limitUnauthorized(
    await createTokenVerifier(pool, config.fhirBase, caches && createSharedCopies('token', caches)),
    limits,
    config.account,
  );
  const stopExpiry = startExpiry(pool, logger);
  const { host, protocol } = new URL(config.issuer);
  const router = express.Router();
  router.use((request, _response, next) => {
    // Whatever Host or forwarding headers a client sends, URLs are made of the configured origin.
    request.headers.host = host;
    request.headers['x-forwarded-host'] = host;
    request.headers['x-forwarded-proto'] = protocol.slice(0, -1);
    next();
  });
  router.use(createOAuthLimit(limits, config.account));
  router.use(createAccountRouter(services), createFederationRouter(services));
  router.use(createInteractionRouter({ ...options, ...services, criteria }));
  router.use(createLaunchRouter({ ...options, authenticate: (header) => verifier.authenticate(header) }));
  router.use(createAppGallery({ ...options, authenticate: (header) => verifier.authenticate(header) }));
  router.use(createOwnApps({ ...options, authenticate: (header) => verifier.authenticate(header) }));
  router.use(createAppLogos({ ...options, shared: caches && createSharedCache('logo', caches) }));
  router.use(createPublicRouter(brands, styleOf(config)));
  router.use(createRegistrationRouter({ ...options, provider, criteria }));
  router.use(createAuthorizePost(config.issuer));
  router.use(createJwksRouter(pool));
  router.use(createIntrospectionRouter({ ...options, provider }));
  router.use(signing.handler);
  const document = smartConfiguration(config, brands);
  return {
    router,
    smartConfiguration: () => document,
    authenticate: (header, request) => verifier.authenticate(header, request),
    doubt: () => verifier.doubt(),
    close() {
      stopExpiry();
      signing.stop();
      verifier.close();
    },
  };
}
