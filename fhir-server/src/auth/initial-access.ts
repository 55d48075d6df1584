/** Initial access tokens: who may register clients, how many, and for what at most. https://www.rfc-editor.org/rfc/rfc7591#section-3 */
import { randomBytes } from 'node:crypto';
import { withTransaction, type Pool } from '../db/index.ts';
import type { ClientDocument } from './client-store.ts';
import { secretHash } from './secret-hash.ts';

export interface InitialAccess {
  /** The most that a client may be registered for. */
  readonly scope: string;
  readonly uses: number;
  readonly days: number;
}

/** The token, which is shown once and kept as its hash. */
export async function createInitialAccess(pool: Pool, { scope, uses, days }: InitialAccess): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await pool.query(
    `insert into auth.initial_access (id, scope, uses_left, expires_at)
     values ($1, $2, $3, now() + make_interval(days => $4))`,
    [secretHash(token), scope, uses, days],
  );
  return token;
}

/** The most that may be registered with this token; undefined when it is unknown, expired or used up. */
export async function initialScope(pool: Pool, token: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ scope: string }>(
    'select scope from auth.initial_access where id = $1 and uses_left > 0 and expires_at > now()',
    [secretHash(token)],
  );
  return rows[0]?.scope;
}

/** Counts one use and stores the client, both or neither. False when others used the token up meanwhile. */
export function storeRegistered(pool: Pool, token: string, client: ClientDocument): Promise<boolean> {
  return withTransaction(pool, async (db) => {
    const { rowCount } = await db.query(
      `update auth.initial_access set uses_left = uses_left - 1
       where id = $1 and uses_left > 0 and expires_at > now()`,
      [secretHash(token)],
    );
    if (rowCount === 0) return false;
    await db.query('insert into auth.clients (client_id, document) values ($1, $2)', [
      client.clientId,
      JSON.stringify(client),
    ]);
    return true;
  });
}
