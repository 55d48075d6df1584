/** How often passwords and second factors may be tried, and passwords checked within it. */
import { hash, verify } from '@node-rs/argon2';
import type { Pool } from '../../db/index.ts';
import { addressKey, type RateLimit, type RateLimits } from '../rate-limit.ts';
import { loadUser, type UserAccount } from '../user-store.ts';

const QUARTER = 15 * 60;

export interface LoginLimits {
  /** Of one account from one address: a stranger elsewhere cannot lock the owner out with it. */
  readonly here: RateLimit;
  readonly account: RateLimit;
  /** Of one address over all accounts. */
  readonly address: RateLimit;
  /** Of one account whose password was right already. */
  readonly secondFactor: RateLimit;
}

export function createLoginLimits(limits: RateLimits): LoginLimits {
  const create = (name: string, points: number, seconds: number): RateLimit =>
    limits.create({ name, points, seconds, fallback: 'database' });
  return {
    here: create('login-here', 10, QUARTER),
    account: create('login-account', 100, QUARTER),
    address: create('login-address', 100, QUARTER),
    secondFactor: create('second-factor', 10, 3_600),
  };
}

/** Seconds to wait: too many failures lately, the password was not looked at. */
export interface Limited {
  readonly retryAfterSeconds: number;
}

/** Verified against when there is no such user, so that the answer takes as long. */
const nobody = hash('no password is this one');

interface PasswordRow {
  readonly id: string;
  readonly password_hash: string | null;
}

/**
 * Counts the attempt before the password is looked at, so that many guesses at once stay within the limit as well; a
 * right one is taken back.
 */
export async function checkPassword(
  pool: Pool,
  limits: LoginLimits,
  username: string,
  password: string,
  address: string,
): Promise<UserAccount | 'refused' | Limited> {
  const from = addressKey(address);
  const counters: readonly (readonly [RateLimit, string])[] = [
    [limits.here, `${from} ${username}`],
    [limits.account, username],
    [limits.address, from],
  ];
  for (const [limit, key] of counters) {
    const retryAfterSeconds = await limit.consume(key);
    if (retryAfterSeconds !== undefined) return { retryAfterSeconds };
  }
  const { rows } = await pool.query<PasswordRow>(
    'select id, password_hash from auth.users where username = $1',
    [username],
  );
  const isRight = await verify(rows[0]?.password_hash ?? (await nobody), password);
  // Of a disabled account nothing is told, not even that it is one.
  const user = rows[0] && (await loadUser(pool, rows[0].id));
  if (!isRight || user === undefined || rows[0]?.password_hash === null) return 'refused';
  for (const [limit, key] of counters) await limit.reward(key);
  return user;
}
