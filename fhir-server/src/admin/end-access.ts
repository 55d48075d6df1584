/** Takes back what was given on the word of an account, or to a client: sessions, grants, codes and tokens of every kind, at once. */
import { endAccountAccess as endAccount, revokeGrant } from '../auth/index.ts';
import type { Queryable } from '../db/index.ts';

export async function endAccountAccess(db: Queryable, userId: string): Promise<void> {
  await db.query('delete from auth.launch where user_id = $1', [userId]);
  await endAccount(db, userId);
}

export async function endClientAccess(db: Queryable, clientId: string): Promise<void> {
  await db.query('delete from auth.launch where client_id = $1', [clientId]);
  await db.query(
    `select auth.revoke_grant(payload->>'jti') from auth.oidc
     where model = 'Grant' and payload ? 'clientId' and payload->>'clientId' = $1`,
    [clientId],
  );
  await db.query(`delete from auth.oidc where payload ? 'clientId' and payload->>'clientId' = $1`, [
    clientId,
  ]);
}

/** False when there is no such grant. The id is that of its row. */
export async function endGrant(db: Queryable, id: string): Promise<boolean> {
  const { rows } = await db.query<{ grant_id: string }>(
    `select payload->>'jti' as grant_id from auth.oidc where model = 'Grant' and id = $1`,
    [id.replaceAll('\0', '')],
  );
  if (rows[0] === undefined) return false;
  await revokeGrant(db, rows[0].grant_id);
  return true;
}
