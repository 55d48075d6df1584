/** Which second factors an account has. */
import type { Pool } from '../../db/index.ts';

export interface Factors {
  readonly totp: boolean;
  readonly passkeys: number;
  readonly recoveryCodes: number;
}

export const hasFactor = ({ totp, passkeys }: Factors): boolean => totp || passkeys > 0;

export async function loadFactors(pool: Pool, userId: string): Promise<Factors> {
  const { rows } = await pool.query<Factors>(
    `select exists (select from auth.totp where user_id = $1 and confirmed_at is not null) as totp,
       (select count(*)::int from auth.passkey where user_id = $1) as passkeys,
       (select count(*)::int from auth.recovery_code where user_id = $1) as "recoveryCodes"`,
    [userId],
  );
  return rows[0] ?? { totp: false, passkeys: 0, recoveryCodes: 0 };
}
