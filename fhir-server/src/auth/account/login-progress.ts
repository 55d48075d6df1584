/** What a browser has shown so far in a log-in: kept on the server under the id of its interaction or session. */
import type { Pool } from '../../db/index.ts';

const TTL = '15 minutes';
/** Then the log-in begins again with the password. */
export const FAILURES_MAX = 5;

export interface LoginProgress {
  readonly userId: string;
  /** RFC 8176. */
  readonly amr: readonly string[];
  /** By which the person came. */
  readonly identityProvider?: string;
  /** To be signed by a passkey. */
  readonly challenge?: string;
}

interface ProgressRow {
  readonly user_id: string;
  readonly amr: string[];
  readonly identity_provider: string | null;
  readonly challenge: string | null;
}

export async function loadProgress(pool: Pool, id: string): Promise<LoginProgress | undefined> {
  const { rows } = await pool.query<ProgressRow>(
    `select user_id, amr, identity_provider, challenge from auth.login_progress
     where id = $1 and expires_at > now() and failures < ${FAILURES_MAX}`,
    [id],
  );
  const row = rows[0];
  return (
    row && {
      userId: row.user_id,
      amr: row.amr,
      ...(row.identity_provider === null ? {} : { identityProvider: row.identity_provider }),
      ...(row.challenge === null ? {} : { challenge: row.challenge }),
    }
  );
}

/** In place of what there was; a challenge is used up by it. */
export async function keepProgress(pool: Pool, id: string, progress: LoginProgress): Promise<void> {
  await pool.query(
    `insert into auth.login_progress (id, user_id, amr, identity_provider, challenge, expires_at)
     values ($1, $2, $3, $4, $5, now() + interval '${TTL}')
     on conflict (id) do update set user_id = excluded.user_id, amr = excluded.amr,
       identity_provider = excluded.identity_provider, challenge = excluded.challenge, failures = 0,
       expires_at = excluded.expires_at`,
    [id, progress.userId, progress.amr, progress.identityProvider ?? null, progress.challenge ?? null],
  );
}

export async function keepChallenge(pool: Pool, id: string, challenge: string | undefined): Promise<void> {
  await pool.query('update auth.login_progress set challenge = $2 where id = $1', [id, challenge ?? null]);
}

/** Takes the challenge that is to be answered: of several answers at once one finds it. */
export async function takeChallenge(pool: Pool, id: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ challenge: string }>(
    `update auth.login_progress p set challenge = null
     from (select id, challenge from auth.login_progress where id = $1 and challenge is not null for update) old
     where p.id = old.id returning old.challenge`,
    [id],
  );
  return rows[0]?.challenge;
}

/** True while more attempts are left. */
export async function noteFailure(pool: Pool, id: string): Promise<boolean> {
  const { rows } = await pool.query<{ failures: number }>(
    'update auth.login_progress set failures = failures + 1 where id = $1 returning failures',
    [id],
  );
  return (rows[0]?.failures ?? FAILURES_MAX) < FAILURES_MAX;
}

export async function endProgress(pool: Pool, id: string): Promise<void> {
  await pool.query('delete from auth.login_progress where id = $1', [id]);
}
