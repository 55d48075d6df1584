/** One-time passwords of an authenticator app. https://www.rfc-editor.org/rfc/rfc6238 */
import { Secret, TOTP } from 'otpauth';
import { toString as toQrCode } from 'qrcode';
import type { Pool } from '../../db/index.ts';
import type { SecretBox } from '../../platform/secret-box.ts';

const ISSUER = 'Dr. Assistant';
/** Clocks differ, and people type slowly: the step before and the one after are good too. */
const WINDOW = 1;

const totpOf = (secret: string, label: string): TOTP =>
  new TOTP({ issuer: ISSUER, label, secret: Secret.fromBase32(secret), digits: 6, period: 30 });

interface TotpRow {
  readonly secret: string;
  readonly confirmed_at: Date | null;
}

async function loadTotp(pool: Pool, userId: string): Promise<TotpRow | undefined> {
  const { rows } = await pool.query<TotpRow>(
    'select secret, confirmed_at from auth.totp where user_id = $1',
    [userId],
  );
  return rows[0];
}

export interface TotpEnrolment {
  /** To be typed where the picture cannot be scanned, in groups of four. */
  readonly secret: string;
  /** An SVG element. */
  readonly qrCode: string;
}

/** The secret that is set up but not confirmed yet: the same until it is. */
export async function beginTotp(
  pool: Pool,
  box: SecretBox,
  user: { readonly id: string; readonly username: string },
): Promise<TotpEnrolment> {
  await pool.query(
    `insert into auth.totp (user_id, secret) values ($1, $2)
     on conflict (user_id) do nothing`,
    [user.id, await box.seal(new Secret({ size: 20 }).base32)],
  );
  const row = await loadTotp(pool, user.id);
  if (row === undefined || row.confirmed_at !== null) throw new Error('TOTP is set up already');
  const secret = await box.open(row.secret);
  return {
    secret: secret.replace(/(.{4})(?=.)/g, '$1 '),
    qrCode: await toQrCode(totpOf(secret, user.username).toString(), { type: 'svg', margin: 2 }),
  };
}

/**
 * Whether the code is right now. A time step is taken once: a code that was seen on its way is worth nothing. The
 * first right one confirms what was set up.
 */
export async function checkTotp(
  pool: Pool,
  box: SecretBox,
  userId: string,
  code: string,
  wanted: 'confirmed' | 'begun',
): Promise<boolean> {
  const row = await loadTotp(pool, userId);
  if (row === undefined || (row.confirmed_at !== null) !== (wanted === 'confirmed')) return false;
  const token = code.replaceAll(/\s/g, '');
  if (!/^\d{6}$/.test(token)) return false;
  const totp = totpOf(await box.open(row.secret), '');
  const delta = totp.validate({ token, window: WINDOW });
  if (delta === null) return false;
  const { rowCount } = await pool.query(
    `update auth.totp set used_step = $2, confirmed_at = coalesce(confirmed_at, now())
     where user_id = $1 and secret = $3 and used_step < $2`,
    [userId, totp.counter() + delta, row.secret],
  );
  return rowCount === 1;
}

export async function removeTotp(pool: Pool, userId: string): Promise<void> {
  await pool.query('delete from auth.totp where user_id = $1', [userId]);
}
