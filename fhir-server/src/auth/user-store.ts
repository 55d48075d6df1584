/** Accounts of persons: who they are in FHIR, and whether a password is theirs. */
import { hash, verify } from '@node-rs/argon2';
import type { Clearance } from '../access/index.ts';
import { withTransaction, type Pool } from '../db/index.ts';

export interface UserAccount {
  readonly id: string;
  readonly username: string;
  /** `Practitioner/123`. */
  readonly fhirUser: string;
  /** Name of the access policy. */
  readonly role: string;
  /** `Organization/1`, for which he acts. */
  readonly organization?: string;
  /** What he may see beyond his role. */
  readonly clearance: readonly Clearance[];
}

const WINDOW = '15 minutes';
/** Of one account from one address: a stranger elsewhere cannot lock the owner out with it. */
const FAILURES_HERE_MAX = 10;
const FAILURES_PER_ACCOUNT_MAX = 100;
const FAILURES_PER_ADDRESS_MAX = 100;

/** Verified against when there is no such user, so that the answer takes as long. */
const nobody = hash('no password is this one');

/** `limited`: too many failures lately, the password was not looked at. */
export type LoginResult = UserAccount | 'refused' | 'limited';

type UserRow = AccountRow & { readonly password_hash: string; readonly disabled: boolean };

const COLUMNS = 'id, username, fhir_user as "fhirUser", role, organization, clearance';

type AccountRow = Omit<UserAccount, 'organization'> & { readonly organization: string | null };

const toAccount = ({ id, username, fhirUser, role, organization, clearance }: AccountRow): UserAccount => ({
  id,
  username,
  fhirUser,
  role,
  clearance,
  ...(organization === null ? {} : { organization }),
});

export async function checkPassword(
  pool: Pool,
  username: string,
  password: string,
  address: string,
): Promise<LoginResult> {
  const attempt = await reserveAttempt(pool, username, address);
  if (attempt === undefined) return 'limited';
  const { rows } = await pool.query<UserRow>(
    `select ${COLUMNS}, password_hash, disabled from auth.users where username = $1`,
    [username],
  );
  const user = rows[0];
  const isRight = await verify(user?.password_hash ?? (await nobody), password);
  if (user === undefined || !isRight || user.disabled) return 'refused';
  await pool.query(
    'delete from auth.login_failure where username = $1 and address = $2 and failed_at = $3::timestamptz',
    [username, address, attempt],
  );
  return toAccount(user);
}

/**
 * Counts the attempt as failed before the password is looked at, one at a time per account and per address: many
 * guesses at once stay within the limit as well. Answers its time, by which a success takes it back; undefined when
 * there were too many.
 */
function reserveAttempt(pool: Pool, username: string, address: string): Promise<string | undefined> {
  return withTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock(1, hashtext($1))', [username]);
    await client.query('select pg_advisory_xact_lock(2, hashtext($1))', [address]);
    const failures = await client.query<{ here: number; account: number; address: number }>(
      `select count(*) filter (where username = $1 and address = $2)::int as here,
         count(*) filter (where username = $1)::int as account, count(*) filter (where address = $2)::int as address
       from auth.login_failure where failed_at > now() - interval '${WINDOW}' and (username = $1 or address = $2)`,
      [username, address],
    );
    const count = failures.rows[0];
    const isLimited =
      count !== undefined &&
      (count.here >= FAILURES_HERE_MAX ||
        count.account >= FAILURES_PER_ACCOUNT_MAX ||
        count.address >= FAILURES_PER_ADDRESS_MAX);
    if (isLimited) return undefined;
    const { rows } = await client.query<{ at: string }>(
      `insert into auth.login_failure (username, address, failed_at) values ($1, $2, clock_timestamp())
       returning failed_at::text as at`,
      [username, address],
    );
    return rows[0]?.at;
  });
}

/** Undefined for unknown and disabled accounts. */
export async function loadUser(pool: Pool, id: string): Promise<UserAccount | undefined> {
  const { rows } = await pool.query<AccountRow>(
    `select ${COLUMNS} from auth.users where id = $1 and not disabled`,
    [id],
  );
  return rows[0] && toAccount(rows[0]);
}
