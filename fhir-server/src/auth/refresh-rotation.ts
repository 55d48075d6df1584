/**
 * Refresh tokens: each is good for one use, and a second use ends the grant. https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2
 *
 * A client whose answer got lost may ask again for some seconds: it then gets the very token that it missed, which is
 * made of the spent one and a salt that is kept with it. So there is one line of tokens at all times. A thief who uses
 * the grace holds the same token as the client does; the use that comes second ends the grant, as without it.
 */
import { createHmac, randomBytes } from 'node:crypto';
import Provider, { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { Pool } from '../db/index.ts';
import { coversScope } from './client-store.ts';
import { secretHash } from './secret-hash.ts';

/** How long after its use a refresh token may be sent again, by a client that has not used the one after it. */
export const GRACE_SECONDS = 10;

const successors = new WeakMap<object, string>();

/** SQL for a row of auth.oidc: whether it was used, and that is final. */
export const isSpent = (o: string): string => `(${o}.consumed_at is not null and not (
  ${o}.model = 'RefreshToken' and ${o}.successor_salt is not null
  and ${o}.consumed_at > now() - interval '${GRACE_SECONDS} seconds'
  and not exists (select from auth.oidc later where later.grant_id = ${o}.grant_id and later.model = 'RefreshToken'
    and later.consumed_at > ${o}.consumed_at)))`;

/** Remembers for the request at hand which token replaces it. Throws invalid_grant when it is spent. */
export async function consumeRefreshToken(pool: Pool, token: string): Promise<void> {
  const { rows } = await pool.query<{ successor_salt: string }>(
    `update auth.oidc o set consumed_at = coalesce(o.consumed_at, now()), successor_salt = coalesce(o.successor_salt, $2)
     where o.model = 'RefreshToken' and o.id = $1 and not ${isSpent('o')} returning o.successor_salt`,
    [secretHash(token), randomBytes(32).toString('base64url')],
  );
  const salt = rows[0]?.successor_salt;
  if (salt === undefined) throw new errors.InvalidGrant('refresh token already used');
  const { ctx } = Provider;
  if (ctx === undefined) throw new Error('refresh tokens are used in requests only');
  successors.set(ctx, createHmac('sha256', token).update(salt).digest('base64url'));
}

interface Tokens {
  find: (this: void, value: string, options?: object) => Promise<unknown>;
}

interface RefreshTokenMethods {
  generateTokenId: (this: object) => string;
}

interface GrantMethods {
  getResourceScope: (this: object, resource: string) => string;
  getResourceScopeFiltered: (this: GrantMethods, resource: string, asked: Iterable<string>) => string;
}

/** Teaches the models of oidc-provider where tokens end, which token follows, and what is narrower than what. */
export function installRotation({ AccessToken, AuthorizationCode, RefreshToken, Grant }: Provider): void {
  for (const model of [AccessToken, AuthorizationCode, RefreshToken]) {
    // The library binds a token to the latest grant of its client in the session; the store binds it to the session.
    const find: Tokens['find'] = model.find.bind(model);
    const unbound: Tokens['find'] = (value, options) =>
      find(value, { ...options, ignoreSessionBinding: true });
    Object.defineProperty(model, 'find', { value: unbound });
  }
  const tokens = RefreshToken.prototype as unknown as RefreshTokenMethods;
  const makeId = tokens.generateTokenId;
  tokens.generateTokenId = function generateTokenId() {
    const { ctx } = Provider;
    return (ctx?.oidc.entities.RotatedRefreshToken && successors.get(ctx)) ?? makeId.call(this);
  };
  Object.defineProperty(RefreshToken.prototype, 'scopes', {
    get(this: { scope?: string }) {
      const own = words(this.scope);
      return new Set([...own, ...narrower(Provider.ctx, own)]);
    },
  });
  const grants = Grant.prototype as unknown as GrantMethods;
  const filter = grants.getResourceScopeFiltered;
  grants.getResourceScopeFiltered = function getResourceScopeFiltered(resource, asked) {
    const all = [...asked];
    const granted = words(filter.call(this, resource, all));
    const within = narrower(Provider.ctx, words(this.getResourceScope(resource)));
    return all.filter((text) => granted.includes(text) || within.includes(text)).join(' ');
  };
}

const words = (text: unknown): string[] => (typeof text === 'string' ? text.split(' ').filter(Boolean) : []);

/** What a refresh asks for that was not granted word for word, but lies within what was. */
function narrower(ctx: KoaContextWithOIDC | undefined, granted: readonly string[]): string[] {
  const params = ctx?.oidc.route === 'token' ? ctx.oidc.params : undefined;
  if (params?.['grant_type'] !== 'refresh_token') return [];
  return words(params['scope']).filter((text) => !granted.includes(text) && coversScope(granted, text));
}
