/** The key pairs that sign id tokens: made once, kept in the database, the same for all processes. */
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { randomUUID } from 'node:crypto';
import { withTransaction, type Pool } from '../db/index.ts';

const LOCK = 8105;

/** RS256 keys with `kid`, newest first. The first process to ask makes the first key. */
export async function loadSigningKeys(pool: Pool): Promise<JWK[]> {
  return withTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [LOCK]);
    const { rows } = await client.query<{ jwk: JWK }>(
      'select jwk from auth.signing_key order by created_at desc',
    );
    if (rows.length > 0) return rows.map((row) => row.jwk);
    const { privateKey } = await generateKeyPair('RS256', { extractable: true, modulusLength: 2048 });
    const kid = randomUUID();
    const jwk: JWK = { ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' };
    await client.query('insert into auth.signing_key (id, jwk) values ($1, $2)', [kid, JSON.stringify(jwk)]);
    return [jwk];
  });
}
