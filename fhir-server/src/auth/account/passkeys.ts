/** Passkeys and security keys as a second factor. https://www.w3.org/TR/webauthn-2/ */
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type AuthenticatorTransport,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server';
import type { Pool } from '../../db/index.ts';

const RP_NAME = 'Dr. Assistant';
const PASSKEYS_MAX = 20;

export interface Passkey {
  readonly id: string;
  readonly name: string;
  readonly created_at: Date;
  readonly used_at: Date | null;
}

interface PasskeyRow extends Passkey {
  readonly public_key: Buffer;
  readonly counter: string;
  readonly transports: AuthenticatorTransport[];
}

async function loadRows(pool: Pool, userId: string): Promise<PasskeyRow[]> {
  const { rows } = await pool.query<PasskeyRow>(
    `select id, name, created_at, used_at, public_key, counter, transports from auth.passkey
     where user_id = $1 order by created_at`,
    [userId],
  );
  return rows;
}

export const loadPasskeys = (pool: Pool, userId: string): Promise<readonly Passkey[]> =>
  loadRows(pool, userId);

const described = (rows: readonly PasskeyRow[]) => rows.map(({ id, transports }) => ({ id, transports }));

export interface RelyingParty {
  readonly pool: Pool;
  /** Origin of the pages. */
  readonly origin: string;
}

const rpId = (origin: string): string => new URL(origin).hostname;

/** What `navigator.credentials.create` is given; its challenge is to be remembered. */
export async function passkeyCreation(
  { pool, origin }: RelyingParty,
  user: { readonly id: string; readonly username: string },
) {
  return generateRegistrationOptions({
    rpName: RP_NAME,
    rpID: rpId(origin),
    userName: user.username,
    userID: new TextEncoder().encode(user.id),
    excludeCredentials: described(await loadRows(pool, user.id)),
    authenticatorSelection: { residentKey: 'discouraged', userVerification: 'preferred' },
  });
}

/** Whether the key was made for this challenge, and is kept. */
export async function keepPasskey(
  { pool, origin }: RelyingParty,
  userId: string,
  challenge: string,
  response: string,
  name: string,
): Promise<boolean> {
  const given = parse<RegistrationResponseJSON>(response);
  if (given === undefined || (await loadRows(pool, userId)).length >= PASSKEYS_MAX) return false;
  const { registrationInfo } = await verifyRegistrationResponse({
    response: given,
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: rpId(origin),
    requireUserVerification: false,
  }).catch(() => ({ registrationInfo: undefined }));
  if (registrationInfo === undefined) return false;
  const { credential } = registrationInfo;
  const { rowCount } = await pool.query(
    `insert into auth.passkey (id, user_id, public_key, counter, transports, name) values ($1, $2, $3, $4, $5, $6)
     on conflict (id) do nothing`,
    [
      credential.id,
      userId,
      Buffer.from(credential.publicKey),
      credential.counter,
      credential.transports ?? [],
      name,
    ],
  );
  return rowCount === 1;
}

/** What `navigator.credentials.get` is given. */
export async function passkeyRequest({ pool, origin }: RelyingParty, userId: string) {
  return generateAuthenticationOptions({
    rpID: rpId(origin),
    allowCredentials: described(await loadRows(pool, userId)),
    userVerification: 'preferred',
  });
}

/** Whether one of the user's keys signed this challenge. */
export async function checkPasskey(
  { pool, origin }: RelyingParty,
  userId: string,
  challenge: string,
  response: string,
): Promise<boolean> {
  const given = parse<AuthenticationResponseJSON>(response);
  const row = (await loadRows(pool, userId)).find(({ id }) => id === given?.id);
  if (given === undefined || row === undefined) return false;
  const result = await verifyAuthenticationResponse({
    response: given,
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: rpId(origin),
    requireUserVerification: false,
    credential: {
      id: row.id,
      publicKey: new Uint8Array(row.public_key),
      counter: Number(row.counter),
      transports: row.transports,
    },
  }).catch(() => undefined);
  if (result?.verified !== true) return false;
  await pool.query('update auth.passkey set counter = $2, used_at = now() where id = $1', [
    row.id,
    result.authenticationInfo.newCounter,
  ]);
  return true;
}

export async function removePasskey(pool: Pool, userId: string, id: string): Promise<boolean> {
  const { rowCount } = await pool.query('delete from auth.passkey where user_id = $1 and id = $2', [
    userId,
    id,
  ]);
  return rowCount === 1;
}

/** The library checks what is inside. */
function parse<T extends { id: string }>(text: string): T | undefined {
  try {
    const value = JSON.parse(text) as T | null;
    return typeof value === 'object' && value !== null && typeof value.id === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
