/** Accounts of persons, as the authorization server uses them. */
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { clientAddress } from '../../platform/client-address.ts';
import type { Egress } from '../../egress/index.ts';
import type { RateLimits } from '../rate-limit.ts';
import { createFederationClient } from './identity-provider.ts';
import { createLoginLimits } from './login-limits.ts';
import { completeLogout } from './logout.ts';
import { createPasswordPolicy } from './password-policy.ts';
import { createSecretBox } from '../../platform/secret-box.ts';
import type { AccountServices, SessionServices } from './services.ts';
import { keepSessionOrigin } from './sessions.ts';

export interface AccountOptions extends Pick<AccountServices, 'pool' | 'config' | 'audit'> {
  readonly egress: Pick<Egress, 'fetch'>;
  readonly limits: RateLimits;
}

export function createAccountServices({ egress, limits, ...common }: AccountOptions): SessionServices {
  const { config } = common;
  return {
    ...common,
    limits: createLoginLimits(limits),
    passwords: createPasswordPolicy(config.account),
    federation: createFederationClient(config.account.identityProviders, config.issuer, (url, init) =>
      egress.fetch(url, init),
    ),
    box: createSecretBox(config.secret, 'account secrets'),
  };
}

/** Hangs on the library what follows a log-in and a log-out, and answers it. */
export function followSessions(provider: Provider, services: SessionServices): Provider {
  provider.use(
    async (ctx: Partial<KoaContextWithOIDC> & Pick<KoaContextWithOIDC, 'req' | 'get' | 'set'>, next) => {
      await next();
      const login = ctx.oidc?.result?.login;
      const session = ctx.oidc?.session;
      if (
        login !== undefined &&
        session?.accountId === login.accountId &&
        ctx.oidc?.result?.consent === undefined
      ) {
        const { identityProvider } = login as { identityProvider?: unknown };
        await keepSessionOrigin(services.pool, {
          sessionUid: session.uid,
          userId: session.accountId,
          address: clientAddress(ctx.req, services.config.account.trustedProxies),
          userAgent: ctx.get('user-agent'),
          ...(typeof identityProvider === 'string' ? { identityProvider } : {}),
        });
      }
      await completeLogout(services, ctx);
    },
  );
  return provider;
}
