/** Ends what a person allowed an app, or everything that an account has. auth.revoke_grant in migrations/0015 says how. */
import type { Queryable } from '../db/index.ts';

/** No token of the grant is good afterwards, in any process, and none can be made any more. */
export async function revokeGrant(db: Queryable, grantId: string): Promise<void> {
  await db.query('select auth.revoke_grant($1)', [grantId]);
}

/** Grants, tokens and sessions, but for the one that may be kept: whoever else was logged in as this account is out. */
export async function endAccountAccess(
  db: Queryable,
  userId: string,
  keptSessionUid?: string,
): Promise<void> {
  // A log-in under way rests on what was shown until now; a session that a request under way writes back, on its origin.
  await db.query('delete from auth.login_progress where user_id = $1', [userId]);
  await db.query('delete from auth.session_origin where user_id = $1 and session_uid is distinct from $2', [
    userId,
    keptSessionUid ?? null,
  ]);
  if (keptSessionUid === undefined) {
    await db.query('select auth.end_account_access($1)', [userId]);
    return;
  }
  await revokeGrants(db, userId);
  await db.query(
    `delete from auth.oidc where payload ? 'accountId' and payload->>'accountId' = $1
       and not (model = 'Session' and uid = $2)`,
    [userId, keptSessionUid],
  );
}

/** Of one app, or of all. Answers how many there were. */
export async function revokeGrants(db: Queryable, userId: string, clientId?: string): Promise<number> {
  const { rows } = await db.query(
    `select auth.revoke_grant(payload->>'jti') from auth.oidc
     where model = 'Grant' and payload ? 'accountId' and payload->>'accountId' = $1
       and ($2::text is null or payload->>'clientId' = $2)`,
    [userId, clientId ?? null],
  );
  return rows.length;
}
