/** A clinic's identity provider: authorization code with PKCE, state and nonce. https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth */
import * as oidc from 'openid-client';
import type { IdentityProvider } from '../../platform/account-config.ts';

/** Discovery is asked again after so long: keys and endpoints move. */
const KEPT_MS = 3_600_000;
const TIMEOUT_SECONDS = 10;

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What binds an answer to its request; kept on the server. */
export interface FederationChecks {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** Who it is, as the provider signed it. */
export interface VerifiedIdentity {
  readonly issuer: string;
  readonly subject: string;
  readonly name?: string;
  /** Only where the provider verified it. */
  readonly email?: string;
  readonly amr: readonly string[];
  readonly acr?: string;
}

export interface FederationClient {
  readonly providers: readonly IdentityProvider[];
  find(id: string): IdentityProvider | undefined;
  /** Where the browser is sent. Throws when the provider cannot be reached. */
  begin(provider: IdentityProvider): Promise<{ readonly url: URL; readonly checks: FederationChecks }>;
  /**
   * Redeems the code of the answer. Throws unless state, `iss` (RFC 9207), signature, issuer, audience, times and nonce
   * are all as they must be.
   */
  finish(
    provider: IdentityProvider,
    query: URLSearchParams,
    checks: FederationChecks,
  ): Promise<VerifiedIdentity>;
  /** Where the browser ends its session at the provider; undefined where it offers none. */
  logoutUrl(provider: IdentityProvider, returnTo: string, state: string): Promise<URL | undefined>;
}

export function createFederationClient(
  providers: readonly IdentityProvider[],
  issuer: string,
  fetch: Fetch,
): FederationClient {
  const known = new Map<string, { readonly config: Promise<oidc.Configuration>; readonly until: number }>();
  const redirectUri = (provider: IdentityProvider): string => `${issuer}/federation/${provider.id}/callback`;
  const configure = (provider: IdentityProvider): Promise<oidc.Configuration> => {
    const kept = known.get(provider.id);
    if (kept !== undefined && kept.until > Date.now()) return kept.config;
    const config = discover(provider, fetch);
    known.set(provider.id, { config, until: Date.now() + KEPT_MS });
    config.catch(() => known.delete(provider.id));
    return config;
  };
  return {
    providers,
    find: (id) => providers.find((provider) => provider.id === id),
    async begin(provider) {
      const config = await configure(provider);
      const checks = {
        state: oidc.randomState(),
        nonce: oidc.randomNonce(),
        codeVerifier: oidc.randomPKCECodeVerifier(),
      };
      const url = oidc.buildAuthorizationUrl(config, {
        ...provider.parameters,
        redirect_uri: redirectUri(provider),
        scope: provider.scope,
        state: checks.state,
        nonce: checks.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(checks.codeVerifier),
        code_challenge_method: 'S256',
      });
      return { url, checks };
    },
    async finish(provider, query, { state, nonce, codeVerifier }) {
      const url = new URL(redirectUri(provider));
      url.search = query.toString();
      const answer = await oidc.authorizationCodeGrant(await configure(provider), url, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: codeVerifier,
        idTokenExpected: true,
      });
      return toIdentity(answer.claims());
    },
    async logoutUrl(provider, returnTo, state) {
      const config = await configure(provider);
      if (config.serverMetadata().end_session_endpoint === undefined) return undefined;
      return oidc.buildEndSessionUrl(config, {
        client_id: provider.clientId,
        post_logout_redirect_uri: returnTo,
        state,
      });
    },
  };
}

function discover(provider: IdentityProvider, fetch: Fetch): Promise<oidc.Configuration> {
  const { issuer, clientId, clientSecret } = provider;
  return oidc.discovery(new URL(issuer), clientId, undefined, oidc.ClientSecretBasic(clientSecret), {
    [oidc.customFetch]: (url, init) => fetch(url, init as RequestInit),
    timeout: TIMEOUT_SECONDS,
    execute: [
      // The signature of the id_token is checked, although it comes over TLS.
      oidc.enableNonRepudiationChecks,
      // The settings allow http: for a provider on loopback alone.
      ...(issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : []),
    ],
  });
}

function toIdentity(claims: oidc.IDToken | undefined): VerifiedIdentity {
  if (claims === undefined) throw new Error('the identity provider sent no id_token');
  const { iss, sub, name, email, email_verified: isVerified, amr, acr } = claims;
  return {
    issuer: iss,
    subject: sub,
    ...(typeof name === 'string' ? { name: name.slice(0, 200) } : {}),
    ...(typeof email === 'string' && isVerified === true ? { email: email.slice(0, 200) } : {}),
    amr: Array.isArray(amr) ? amr.filter((value) => typeof value === 'string') : [],
    ...(typeof acr === 'string' ? { acr } : {}),
  };
}
