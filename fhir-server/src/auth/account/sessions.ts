/** Sessions of a user: where he is logged in, and how that ends. */
import type { Pool } from '../../db/index.ts';
import { endAccountAccess } from '../grant-store.ts';

export interface SessionEntry {
  readonly uid: string;
  readonly beganAt: Date;
  readonly address: string;
  readonly userAgent: string;
  /** Id of the identity provider by which he came. */
  readonly identityProvider: string | null;
}

export interface SessionOrigin {
  readonly sessionUid: string;
  readonly userId: string;
  readonly address: string;
  readonly userAgent: string;
  readonly identityProvider?: string;
}

const USER_AGENT_MAX = 300;

export async function keepSessionOrigin(pool: Pool, origin: SessionOrigin): Promise<void> {
  await pool.query(
    `insert into auth.session_origin (session_uid, user_id, address, user_agent, identity_provider)
     values ($1, $2, $3, $4, $5)
     on conflict (session_uid) do update set user_id = excluded.user_id, address = excluded.address,
       user_agent = excluded.user_agent, identity_provider = excluded.identity_provider, began_at = now()`,
    [
      origin.sessionUid,
      origin.userId,
      origin.address,
      origin.userAgent.slice(0, USER_AGENT_MAX),
      origin.identityProvider ?? null,
    ],
  );
}

export async function loadSessions(pool: Pool, userId: string): Promise<readonly SessionEntry[]> {
  const { rows } = await pool.query<SessionEntry>(
    `select o.uid, to_timestamp((o.payload->>'loginTs')::float8) as "beganAt",
       s.address, s.user_agent as "userAgent", s.identity_provider as "identityProvider"
     from auth.oidc o join auth.session_origin s on s.session_uid = o.uid
     where o.payload ? 'accountId' and o.payload->>'accountId' = $1 and o.model = 'Session' and o.expires_at > now()
     order by 2 desc`,
    [userId],
  );
  return rows;
}

/** By which provider a session was begun. */
export async function sessionProvider(pool: Pool, sessionUid: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ identity_provider: string | null }>(
    'select identity_provider from auth.session_origin where session_uid = $1',
    [sessionUid],
  );
  return rows[0]?.identity_provider ?? undefined;
}

/**
 * Whether it was not ended. A request under way writes its session back when it is over, also one that was ended
 * meanwhile: it is good for nothing then, because where it was begun is gone.
 */
export async function isOpenSession(pool: Pool, userId: string, sessionUid: string): Promise<boolean> {
  const { rows } = await pool.query(
    'select from auth.session_origin where session_uid = $1 and user_id::text = $2',
    [sessionUid, userId],
  );
  return rows.length === 1;
}

/** With the tokens that live no longer than the session; those for offline access go on. */
export async function endSession(pool: Pool, userId: string, sessionUid: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    'delete from auth.session_origin where session_uid = $1 and user_id::text = $2',
    [sessionUid, userId],
  );
  await pool.query(
    `delete from auth.oidc
     where payload ? 'accountId' and payload->>'accountId' = $1
       and ((model = 'Session' and uid = $2)
         or (payload->>'sessionUid' = $2 and (model = 'AuthorizationCode' or payload->'expiresWithSession' = 'true')))`,
    [userId, sessionUid],
  );
  return rowCount === 1;
}

export async function endSessions(pool: Pool, userId: string, keptUid?: string): Promise<void> {
  const { rows } = await pool.query<{ uid: string }>(
    'select session_uid as uid from auth.session_origin where user_id = $1',
    [userId],
  );
  for (const { uid } of rows) if (uid !== keptUid) await endSession(pool, userId, uid);
}

/** Everything that was given on the word of this account: sessions, grants, codes and tokens of every kind. */
export function endAccess(pool: Pool, userId: string, keptSessionUid?: string): Promise<void> {
  return endAccountAccess(pool, userId, keptSessionUid);
}
