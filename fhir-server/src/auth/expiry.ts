/** Deletes what has expired, now and then: tokens, codes, sessions, launches and what they gave, log-ins under way, old limits. */
import type { Pool } from '../db/index.ts';
import type { Logger } from '../platform/logger.ts';

const EVERY_MS = 15 * 60_000;

/** Expired rows are never accepted, deleted or not: this only keeps the tables small. Answers how to stop it. */
export function startExpiry(pool: Pool, logger: Logger): () => void {
  const sweep = async (): Promise<void> => {
    await pool.query('delete from auth.oidc where expires_at < now()');
    // What a launch or the picker gave to a grant that is over; it is made after the row of the Grant.
    await pool.query(
      `delete from auth.grant_context c where not exists (
         select from auth.oidc o where o.model = 'Grant' and o.payload->>'jti' = c.grant_id)`,
    );
    await pool.query('delete from auth.launch where expires_at < now()');
    await pool.query('delete from auth.initial_access where expires_at < now()');
    await pool.query('delete from auth.rate_limit where expire < $1', [Date.now()]);
    await pool.query('delete from auth.login_progress where expires_at < now()');
    await pool.query('delete from auth.federation_state where expires_at < now()');
    await pool.query(
      `delete from auth.session_origin where began_at < now() - interval '1 hour' and not exists
         (select from auth.oidc where model = 'Session' and uid = session_uid)`,
    );
  };
  const timer = setInterval(() => {
    sweep().catch((error: unknown) => logger.warn({ err: error }, 'expired tokens not deleted'));
  }, EVERY_MS).unref();
  return () => clearInterval(timer);
}
