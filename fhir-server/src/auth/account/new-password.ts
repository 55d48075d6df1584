/** A password that its owner chooses. */
import { hash } from '@node-rs/argon2';
import type { UserAccount } from '../user-store.ts';
import { endAccess } from './sessions.ts';
import type { AccountServices } from './services.ts';

/** Keeps it, and ends all that rests on the old one, but for the session at hand. Answers why it cannot be taken. */
export async function takeNewPassword(
  { pool, passwords }: Pick<AccountServices, 'pool' | 'passwords'>,
  user: UserAccount,
  password: string,
  keptSessionUid?: string,
): Promise<string | undefined> {
  const fault = await passwords.check(password, user.username);
  if (fault !== undefined) return fault;
  await pool.query('update auth.users set password_hash = $2, must_change_password = false where id = $1', [
    user.id,
    await hash(password),
  ]);
  await endAccess(pool, user.id, keptSessionUid);
  return undefined;
}
