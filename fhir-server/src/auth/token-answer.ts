/** What the token, introspection and revocation endpoints answer, to the letter of RFC 6749, RFC 7662 and RFC 7009. */
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { AuditLog } from '../audit/index.ts';
import type { Pool } from '../db/index.ts';
import type { Config } from '../platform/config.ts';
import { finishRedemption } from './code-redemption.ts';
import { describeToken, INACTIVE } from './introspection.ts';
import { tokenContext } from './launch-store.ts';
import { noteTokenEvent } from './token-audit.ts';

export interface TokenAnswerOptions {
  readonly pool: Pool;
  readonly config: Config;
  readonly audit: Pick<AuditLog, 'note'>;
}

type Context = Partial<Pick<KoaContextWithOIDC, 'oidc'>> &
  Pick<KoaContextWithOIDC, 'path' | 'req' | 'status' | 'body' | 'get' | 'set' | 'request'>;

interface Refusal {
  readonly error: string;
  readonly error_description?: string;
}

const PATHS = ['/token', '/introspect', '/revoke'];

/**
 * Refusals that the library gives another code, by its words. Section 5.2 of RFC 6749: invalid_client also where no
 * authentication is included, and unauthorized_client for a grant that is not for this client.
 */
const EXACT: Readonly<Record<string, readonly [status: number, error: string]>> = {
  'invalid client_assertion format': [401, 'invalid_client'],
  'no client authentication mechanism provided': [401, 'invalid_client'],
  'invalid authorization header value format': [401, 'invalid_client'],
  'client_id and client_secret in the authorization header are not properly encoded': [401, 'invalid_client'],
  'client_secret must be provided in the Authorization header': [401, 'invalid_client'],
  'requested grant type is not allowed for this client': [400, 'unauthorized_client'],
};

export function installTokenAnswers(provider: Provider, options: TokenAnswerOptions): void {
  const failures = new WeakMap<object, Error>();
  const remember = (ctx: KoaContextWithOIDC, error: Error): void => void failures.set(ctx.req, error);
  provider.on('grant.error', remember);
  provider.use(async (ctx: Context, next: () => Promise<unknown>) => {
    if (!PATHS.includes(ctx.path)) return next();
    // Errors of these endpoints are JSON, whatever a browser would rather have.
    ctx.request.headers.accept = 'application/json';
    await next();
    ctx.set('Cache-Control', 'no-store');
    ctx.set('Pragma', 'no-cache');
    if (ctx.oidc === undefined) return;
    if (ctx.status === 200) await complete(ctx, options);
    else makeExact(ctx);
    await noteTokenEvent(options, ctx as KoaContextWithOIDC, failures.get(ctx.req));
  });
}

async function complete(ctx: Context, { pool, config }: TokenAnswerOptions): Promise<void> {
  const { AccessToken, ClientCredentials, RefreshToken } = ctx.oidc?.entities ?? {};
  const grantId = AccessToken?.grantId;
  const code = ctx.oidc?.entities.AuthorizationCode?.jti;
  if (ctx.path === '/token' && code !== undefined) await finishRedemption(pool, code);
  if (ctx.path === '/token' && grantId !== undefined)
    ctx.body = { ...(ctx.body as object), ...(await tokenContext(pool, config, grantId)) };
  const token = AccessToken ?? ClientCredentials ?? RefreshToken;
  const isActive = ctx.path === '/introspect' && (ctx.body as { active?: boolean }).active === true;
  if (isActive && token !== undefined) ctx.body = await describeToken(pool, config, token);
}

function makeExact(ctx: Context): void {
  const { error, error_description: words = '' } = (ctx.body ?? {}) as Refusal;
  if (error === 'unsupported_token_type') {
    // A JWT is no token of this server, so it is an unknown one: not active, and as good as revoked.
    ctx.status = 200;
    ctx.body = ctx.path === '/introspect' ? INACTIVE : '';
    return;
  }
  const exact = EXACT[words];
  if (exact !== undefined) {
    ctx.status = exact[0];
    ctx.body = { error: exact[1], error_description: words };
  }
  if (ctx.status !== 401) return;
  const scheme = ctx.get('authorization') !== '' ? 'Basic' : 'Bearer';
  // Without an attempt in the header a challenge would have browsers ask for a password, except where a token may be sent.
  if (scheme === 'Basic' || ctx.path === '/introspect')
    ctx.set('WWW-Authenticate', `${scheme} realm="${ctx.oidc?.issuer ?? ''}"`);
}
