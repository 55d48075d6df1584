/** Codes for the day on which the second factor is lost: each works once, only its hash is kept. */
import { randomBytes } from 'node:crypto';
import { withTransaction, type Pool } from '../../db/index.ts';
import { secretHash } from '../secret-hash.ts';

const CODES = 10;
/** Crockford's: without letters that look like digits. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const LENGTH = 16;

/** 80 bits, so that a plain hash of it cannot be guessed back. */
const newCode = (): string =>
  [...randomBytes(LENGTH)]
    .map((byte) => ALPHABET[byte & 31])
    .join('')
    .replace(/(.{4})(?=.)/g, '$1-');

const normalized = (code: string): string => code.toLowerCase().replaceAll(/[^0-9a-z]/g, '');

/** In place of those before; shown to the user this once. */
export async function renewRecoveryCodes(pool: Pool, userId: string): Promise<string[]> {
  const codes = Array.from({ length: CODES }, newCode);
  await withTransaction(pool, async (client) => {
    await client.query('select from auth.users where id = $1 for update', [userId]);
    await client.query('delete from auth.recovery_code where user_id = $1', [userId]);
    await client.query('insert into auth.recovery_code (user_id, code_hash) select $1, unnest($2::text[])', [
      userId,
      codes.map((code) => secretHash(normalized(code))),
    ]);
  });
  return codes;
}

/** Whether it was one of the user's; it is none any more. */
export async function spendRecoveryCode(pool: Pool, userId: string, code: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    'delete from auth.recovery_code where user_id = $1 and code_hash = $2',
    [userId, secretHash(normalized(code))],
  );
  return rowCount === 1;
}
