/** The key pairs that sign id tokens, in the database, the same for all processes. Each is published before it signs. */
import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { writeRecords } from '../audit/index.ts';
import { withTransaction, type Pool, type PoolClient } from '../db/index.ts';
import type { SigningKeyConfig } from '../platform/signing-key-config.ts';

const LOCK = 8105;
/** Longer than an id token is good, and than a session at whose end it is sent back. */
const KEPT_AFTER = '2 days';

export interface SigningKeys {
  /** With their private parts; the first one signs. */
  readonly keys: JWK[];
  /** Changes when another key signs, or others are published. */
  readonly state: string;
}

/** Makes the first key, and the next one when its time has come; deletes those that nobody needs any more. */
export function loadSigningKeys(pool: Pool, settings: SigningKeyConfig): Promise<SigningKeys> {
  return locked(pool, async (client) => {
    // A key is over when another one has signed for so long.
    await client.query(
      `delete from auth.signing_key k where exists (select from auth.signing_key later
         where later.signs_from > k.signs_from and later.signs_from < now() - interval '${KEPT_AFTER}')`,
    );
    const { rows } = await client.query<{ is_due: boolean }>(
      'select signs_from < now() - make_interval(days => $1) as is_due from auth.signing_key',
      [settings.days],
    );
    if (rows.length === 0) await addKey(client, 0, 'the first one');
    else if (rows.every((row) => row.is_due)) await addKey(client, settings.aheadSeconds, 'because of age');
    return readKeys(client);
  });
}

/** Publishes another key, which signs from `aheadSeconds` on. Answers its kid. */
export function rotateSigningKey(pool: Pool, aheadSeconds: number): Promise<string> {
  return locked(pool, (client) => addKey(client, aheadSeconds, 'by the command line'));
}

/** What others verify by: of all published keys. */
export async function publicKeys(pool: Pool): Promise<object[]> {
  const { keys } = await readKeys(pool);
  return keys.map(({ kty, kid, alg, use, n, e }) => ({ kty, kid, alg, use, n, e }));
}

/** One process at a time. */
function locked<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return withTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [LOCK]);
    return work(client);
  });
}

/** Of those whose time has come the newest signs. */
async function readKeys(db: Pool | PoolClient): Promise<SigningKeys> {
  const { rows } = await db.query<{ jwk: JWK; has_begun: boolean }>(
    `select jwk, signs_from <= clock_timestamp() as has_begun from auth.signing_key order by signs_from desc, id`,
  );
  const signing = rows.find((row) => row.has_begun) ?? rows.at(-1);
  const ordered = rows.toSorted((a, b) => Number(b === signing) - Number(a === signing));
  return {
    keys: ordered.map(({ jwk }) => jwk),
    state: ordered.map(({ jwk }) => jwk.kid).join(' '),
  };
}

async function addKey(client: PoolClient, aheadSeconds: number, why: string): Promise<string> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true, modulusLength: 2048 });
  const kid = randomUUID();
  const jwk: JWK = { ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' };
  await client.query(
    `insert into auth.signing_key (id, jwk, signs_from)
     values ($1, $2, clock_timestamp() + make_interval(secs => $3))`,
    [kid, JSON.stringify(jwk), aheadSeconds],
  );
  const reason = `signing key ${kid} published, ${why}`;
  const change = { kind: 'security', code: 'key-change', action: 'C', outcome: '0', reason } as const;
  await writeRecords(client, [{ at: Date.now(), ...change, agent: {}, touched: [] }]);
  return kid;
}
