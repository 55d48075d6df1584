/** Log-ins under way at identity providers, and which account an identity belongs to: by `iss` and `sub`, by nothing else. */
import { randomUUID } from 'node:crypto';
import { withTransaction, type Pool } from '../../db/index.ts';
import { secretHash } from '../secret-hash.ts';
import type { FederationChecks, VerifiedIdentity } from './identity-provider.ts';

const TTL = '10 minutes';

/** Where the answer goes on. */
export interface FederationTarget {
  readonly provider: string;
  /** Log-in of this interaction. */
  readonly interaction?: string;
  /** The session of a user who links his account. */
  readonly sessionUid?: string;
}

export async function keepFederation(
  pool: Pool,
  checks: FederationChecks,
  { provider, interaction, sessionUid }: FederationTarget,
): Promise<void> {
  await pool.query(
    `insert into auth.federation_state
       (state_hash, provider, nonce, code_verifier, interaction, session_uid, expires_at)
     values ($1, $2, $3, $4, $5, $6, now() + interval '${TTL}')`,
    [
      secretHash(checks.state),
      provider,
      checks.nonce,
      checks.codeVerifier,
      interaction ?? null,
      sessionUid ?? null,
    ],
  );
}

interface StateRow {
  readonly provider: string;
  readonly interaction: string | null;
  readonly session_uid: string | null;
  readonly nonce: string;
  readonly code_verifier: string;
}

const toTarget = (row: StateRow): FederationTarget => ({
  provider: row.provider,
  ...(row.interaction === null ? {} : { interaction: row.interaction }),
  ...(row.session_uid === null ? {} : { sessionUid: row.session_uid }),
});

/** Where an answer belongs; it is not used up by this. */
export async function findFederation(pool: Pool, state: string): Promise<FederationTarget | undefined> {
  const { rows } = await pool.query<StateRow>(
    'select provider, interaction, session_uid from auth.federation_state where state_hash = $1 and expires_at > now()',
    [secretHash(state)],
  );
  return rows[0] && toTarget(rows[0]);
}

/** Once, and only by the browser whose interaction or session it is. */
export async function takeFederation(
  pool: Pool,
  state: string,
  owner: { readonly interaction?: string; readonly sessionUid?: string },
): Promise<{ readonly target: FederationTarget; readonly checks: FederationChecks } | undefined> {
  const { rows } = await pool.query<StateRow>(
    `delete from auth.federation_state
     where state_hash = $1 and expires_at > now() and (interaction = $2 or session_uid = $3)
     returning provider, interaction, session_uid, nonce, code_verifier`,
    [secretHash(state), owner.interaction ?? null, owner.sessionUid ?? null],
  );
  const row = rows[0];
  return (
    row && {
      target: toTarget(row),
      checks: { state, nonce: row.nonce, codeVerifier: row.code_verifier },
    }
  );
}

export async function findIdentity(
  pool: Pool,
  { issuer, subject }: Pick<VerifiedIdentity, 'issuer' | 'subject'>,
): Promise<string | undefined> {
  const { rows } = await pool.query<{ user_id: string }>(
    'select user_id from auth.federated_identity where issuer = $1 and subject = $2',
    [issuer, subject],
  );
  return rows[0]?.user_id;
}

/** False when the identity is another account's already. */
export async function linkIdentity(pool: Pool, userId: string, identity: VerifiedIdentity): Promise<boolean> {
  const { rowCount } = await pool.query(
    `insert into auth.federated_identity (issuer, subject, user_id, name, email) values ($1, $2, $3, $4, $5)
     on conflict (issuer, subject) do update set name = excluded.name, email = excluded.email
     where auth.federated_identity.user_id = excluded.user_id`,
    [identity.issuer, identity.subject, userId, identity.name ?? null, identity.email ?? null],
  );
  return rowCount === 1;
}

/** A new account for a new identity: without a password, a role or a place in the records. Answers its id. */
export async function createFederatedUser(
  pool: Pool,
  providerId: string,
  identity: VerifiedIdentity,
): Promise<string> {
  return withTransaction(pool, async (client) => {
    // Two first log-ins at once make one account.
    await client.query('select pg_advisory_xact_lock(16, hashtext($1))', [
      `${identity.issuer} ${identity.subject}`,
    ]);
    const { rows } = await client.query<{ user_id: string }>(
      'select user_id from auth.federated_identity where issuer = $1 and subject = $2',
      [identity.issuer, identity.subject],
    );
    if (rows[0] !== undefined) return rows[0].user_id;
    const id = randomUUID();
    await client.query('insert into auth.users (id, username) values ($1, $2)', [id, `${providerId}:${id}`]);
    await client.query(
      'insert into auth.federated_identity (issuer, subject, user_id, name, email) values ($1, $2, $3, $4, $5)',
      [identity.issuer, identity.subject, id, identity.name ?? null, identity.email ?? null],
    );
    return id;
  });
}

export interface LinkedIdentity {
  readonly issuer: string;
  readonly subject: string;
}

export async function loadIdentities(pool: Pool, userId: string): Promise<readonly LinkedIdentity[]> {
  const { rows } = await pool.query<LinkedIdentity>(
    'select issuer, subject from auth.federated_identity where user_id = $1 order by created_at',
    [userId],
  );
  return rows;
}
