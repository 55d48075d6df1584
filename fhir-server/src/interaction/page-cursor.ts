/** Opaque positions in a list of results: a page link cannot be read, edited or used by someone else. */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { badRequest, FhirError, issue } from '../fhir/outcome.ts';
import type { Principal } from '../access/index.ts';
import type { Config } from '../platform/config.ts';
import type { SortValue } from '../storage/index.ts';

export const CURSOR_PARAMETER = '_cursor';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

const keyOf = (secret: string): Buffer => createHmac('sha256', secret).update('page cursor').digest();

/** Authenticated with the position, so that it decrypts for this search and this caller only. */
const boundTo = (query: string, principal: Principal): Buffer =>
  Buffer.from(`${principal.clientId}\n${principal.userId ?? ''}\n${query}`);

/**
 * `query` is the search without the cursor; the cursor is good for that search and that caller only. Encrypted, since
 * a position may be that of something which the caller must not see, and links end up in logs.
 */
export function encodeCursor(
  { secret }: Pick<Config, 'secret'>,
  values: readonly SortValue[],
  query: string,
  principal: Principal,
): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, keyOf(secret), iv).setAAD(boundTo(query, principal));
  const hidden = Buffer.concat([cipher.update(JSON.stringify([Date.now(), ...values])), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), hidden]).toString('base64url');
}

/** Throws 400 for a cursor that was changed, belongs to another search or to another caller; 410 when it is too old. */
export function decodeCursor(
  config: Pick<Config, 'secret' | 'pageLinkTtlMs'>,
  cursor: string,
  query: string,
  principal: Principal,
): SortValue[] {
  const [issuedAt, ...values] = decrypt(config.secret, cursor, boundTo(query, principal));
  if (Date.now() - Number(issuedAt) <= config.pageLinkTtlMs) return values;
  throw new FhirError(410, [
    issue('expired', 'This page link is too old; repeat the search from its first page', CURSOR_PARAMETER),
  ]);
}

function decrypt(secret: string, cursor: string, bound: Buffer): SortValue[] {
  const bytes = Buffer.from(cursor, 'base64url');
  try {
    const iv = bytes.subarray(0, IV_BYTES);
    const decipher = createDecipheriv(ALGORITHM, keyOf(secret), iv, { authTagLength: TAG_BYTES })
      .setAAD(bound)
      .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const position = decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8');
    return JSON.parse(position + decipher.final('utf8')) as SortValue[];
  } catch {
    throw badRequest('This page link is not valid for this search and this caller', CURSOR_PARAMETER);
  }
}
