/** Ends what a person allowed an app, or everything that an account has. auth.revoke_grant in migrations/0015 says how. */
import type { Queryable } from '../db/index.ts';

/** No token of the grant is good afterwards, in any process, and none can be made any more. */
export async function revokeGrant(db: Queryable, grantId: string): Promise<void> {
  await db.query('select auth.revoke_grant($1)', [grantId]);
}

/** Grants, tokens and sessions: whoever was logged in as this account is out. */
export async function endAccountAccess(db: Queryable, userId: string): Promise<void> {
  await db.query('select auth.end_account_access($1)', [userId]);
}
