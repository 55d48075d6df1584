/** Accounts of persons: who they are in FHIR, and whether a password is theirs. */
import { hash, verify } from '@node-rs/argon2';
import type { Pool } from '../db/index.ts';

export interface UserAccount {
  readonly id: string;
  readonly username: string;
  /** `Practitioner/123`. */
  readonly fhirUser: string;
  /** Name of the access policy. */
  readonly role: string;
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

type UserRow = UserAccount & { readonly password_hash: string; readonly disabled: boolean };

const COLUMNS = 'id, username, fhir_user as "fhirUser", role';

export async function checkPassword(
  pool: Pool,
  username: string,
  password: string,
  address: string,
): Promise<LoginResult> {
  const failures = await pool.query<{ here: number; account: number; address: number }>(
    `select count(*) filter (where username = $1 and address = $2) as here,
       count(*) filter (where username = $1) as account, count(*) filter (where address = $2) as address
     from auth.login_failure where failed_at > now() - interval '${WINDOW}' and (username = $1 or address = $2)`,
    [username, address],
  );
  const count = failures.rows[0];
  const isLimited =
    count !== undefined &&
    (count.here >= FAILURES_HERE_MAX ||
      count.account >= FAILURES_PER_ACCOUNT_MAX ||
      count.address >= FAILURES_PER_ADDRESS_MAX);
  if (isLimited) return 'limited';
  const { rows } = await pool.query<UserRow>(
    `select ${COLUMNS}, password_hash, disabled from auth.users where username = $1`,
    [username],
  );
  const user = rows[0];
  const isRight = await verify(user?.password_hash ?? (await nobody), password);
  if (user !== undefined && isRight && !user.disabled)
    return { id: user.id, username: user.username, fhirUser: user.fhirUser, role: user.role };
  await pool.query('insert into auth.login_failure (username, address) values ($1, $2)', [username, address]);
  return 'refused';
}

/** Undefined for unknown and disabled accounts. */
export async function loadUser(pool: Pool, id: string): Promise<UserAccount | undefined> {
  const { rows } = await pool.query<UserAccount>(
    `select ${COLUMNS} from auth.users where id = $1 and not disabled`,
    [id],
  );
  return rows[0];
}
