/** Tokens with which a websocket is bound: random, short-lived, for one use, and kept as a hash. */
import { hash, randomBytes } from 'node:crypto';
import type { Principal } from '../../access/index.ts';
import type { Pool } from '../../db/index.ts';
import type { SubscriptionOwner } from '../owner.ts';

/** With which rights a socket is served: never more than those of the token with which it was asked for. */
export type SocketRights = SubscriptionOwner & { readonly scopes: readonly string[] };

export interface BindingToken {
  readonly token: string;
  readonly expiresAt: Date;
}

const LIFETIME_MS = 300_000;
const hashOf = (token: string): string => hash('sha256', token, 'base64url');

export async function issueToken(
  pool: Pool,
  subscriptionIds: readonly string[],
  principal: Principal,
): Promise<BindingToken> {
  const token = randomBytes(32).toString('base64url');
  const expiresAt = new Date(Date.now() + LIFETIME_MS);
  const { clientId, userId, scopes, patient, encounter, grantId } = principal;
  const rights = { clientId, userId, scopes: scopes.map(({ text }) => text), patient, encounter, grantId };
  await pool.query('delete from subscription_socket_token where expires_at < now()');
  await pool.query(
    'insert into subscription_socket_token (hash, subscription_ids, rights, expires_at) values ($1, $2, $3, $4)',
    [hashOf(token), subscriptionIds, JSON.stringify(rights), expiresAt],
  );
  return { token, expiresAt };
}

/** What a token is for; undefined when there is no such token, it has expired or was used. */
export async function takeToken(
  pool: Pool,
  token: string,
): Promise<{ readonly subscriptionIds: readonly string[]; readonly rights: SocketRights } | undefined> {
  const { rows } = await pool.query<{ subscription_ids: string[]; rights: SocketRights }>(
    `delete from subscription_socket_token where hash = $1 and expires_at > now()
     returning subscription_ids, rights`,
    [hashOf(token)],
  );
  return rows[0] && { subscriptionIds: rows[0].subscription_ids, rights: rows[0].rights };
}
