/**
 * Authorization codes are redeemed once; a replay ends the grant. https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2
 *
 * Of several redemptions at the same time one succeeds: those that come before it has been answered are refused and do
 * no more, since the grant that they would end is the one that is just being used.
 */
import type { Pool } from '../db/index.ts';
import { secretHash } from './secret-hash.ts';

/** SQL for a row of auth.oidc: whether it is a code whose redemption has not been answered. A crash ends that as well. */
export const isUnderWay = (o: string): string => `(${o}.model = 'AuthorizationCode'
  and ${o}.consumed_at > now() - interval '10 seconds' and not ${o}.payload ? 'redeemed')`;

/** Before it is answered. */
export async function finishRedemption(pool: Pool, code: string): Promise<void> {
  await pool.query(
    `update auth.oidc set payload = payload || '{"redeemed": true}' where model = 'AuthorizationCode' and id = $1`,
    [secretHash(code)],
  );
}
