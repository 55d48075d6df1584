/** oidc-provider's state in PostgreSQL, under hashes alone, with each single-use thing consumed atomically. */
import Provider, { errors, type Adapter, type AdapterConstructor, type AdapterPayload } from 'oidc-provider';
import type { Pool } from '../db/index.ts';
import { clientOf } from './client-authentication.ts';
import type { ClientKeys } from './client-keys.ts';
import { isUnderWay } from './code-redemption.ts';
import { revokeGrant } from './grant-store.ts';
import { consumeRefreshToken, isSpent } from './refresh-rotation.ts';
import { secretHash } from './secret-hash.ts';
import { IS_ALIVE } from './token-state.ts';

interface Row {
  readonly payload: AdapterPayload;
  readonly consumed: number | null;
  readonly is_spent: boolean;
  readonly is_under_way: boolean;
}

/** What ends with its Grant, and is not stored when that has ended meanwhile. */
const OF_GRANT = ['AccessToken', 'RefreshToken', 'AuthorizationCode'];
/** Whose `jti` is what the client sends. That of a Session is in a signed cookie, that of a Grant opens nothing. */
const SECRET = [...OF_GRANT, 'ClientCredentials', 'InitialAccessToken', 'RegistrationAccessToken'];

export function createAdapter(pool: Pool, clientKeys: ClientKeys): AdapterConstructor {
  return class PostgresAdapter implements Adapter {
    readonly #model: string;

    constructor(model: string) {
      this.#model = model;
    }

    async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
      const kept = SECRET.includes(this.#model) ? withoutSecret(payload) : payload;
      const values = [
        this.#model,
        secretHash(id),
        kept,
        payload.grantId ?? null,
        payload.uid ?? null,
        expiresIn,
      ];
      if (this.#model === 'ReplayDetection') return this.#insertOnce(values);
      if (OF_GRANT.includes(this.#model) && payload.grantId !== undefined)
        return this.#insertOfGrant(values, secretHash(payload.grantId));
      // A session that gets another identifier is there all the while: its tokens depend on it.
      await pool.query(
        `with renamed as (delete from auth.oidc where model = 'Session' and $1::text = 'Session' and uid = $5 and id <> $2)
         insert into auth.oidc (model, id, payload, grant_id, uid, expires_at)
         values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))
         on conflict (model, id) do update set payload = excluded.payload, grant_id = excluded.grant_id,
           uid = excluded.uid, expires_at = excluded.expires_at`,
        values,
      );
    }

    /** Two assertions with one jti at the same time: the second is a replay, although neither was found before. */
    async #insertOnce(values: unknown[]): Promise<void> {
      const { rowCount } = await pool.query(
        `insert into auth.oidc (model, id, payload, grant_id, uid, expires_at)
         values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6)) on conflict (model, id) do nothing`,
        values,
      );
      if (rowCount === 0) throw new errors.InvalidClientAuth('client assertion was used before');
    }

    /** A refresh token that replaced another may be stored twice, while it has not been used. */
    async #insertOfGrant(values: unknown[], grantKey: string): Promise<void> {
      const { rowCount } = await pool.query(
        `with parent as (select 1 from auth.oidc where model = 'Grant' and id = $7 for key share)
         insert into auth.oidc (model, id, payload, grant_id, uid, expires_at)
         select $1, $2, $3::jsonb, $4, $5, now() + make_interval(secs => $6) from parent
         on conflict (model, id) do update set payload = excluded.payload, expires_at = excluded.expires_at
           where auth.oidc.consumed_at is null`,
        [...values, grantKey],
      );
      if (rowCount === 0) throw new errors.InvalidGrant('the grant has ended, or its token was used');
    }

    async find(id: string): Promise<AdapterPayload | undefined> {
      if (this.#model === 'Client') return clientOf(pool, clientKeys, id);
      const payload = await this.#findBy('id', secretHash(id));
      return payload && { ...payload, jti: id };
    }

    findByUid(uid: string): Promise<AdapterPayload | undefined> {
      return this.#findBy('uid', uid);
    }

    /** The device flow is off. */
    findByUserCode(): Promise<undefined> {
      return Promise.resolve(undefined);
    }

    async #findBy(column: 'id' | 'uid', value: string): Promise<AdapterPayload | undefined> {
      const { rows } = await pool.query<Row>(
        `select o.payload, extract(epoch from o.consumed_at)::float8 as consumed, ${isSpent('o')} as is_spent,
           ${isUnderWay('o')} as is_under_way
         from auth.oidc o where o.model = $1 and o.${column} = $2 and ${IS_ALIVE}`,
        [this.#model, value],
      );
      const row = rows[0];
      if (row === undefined) return undefined;
      if (row.is_under_way) throw new errors.InvalidGrant('already used');
      return { ...row.payload, ...(row.is_spent ? { consumed: Math.floor(row.consumed ?? 0) } : {}) };
    }

    /** Of several at once exactly one succeeds. Throws invalid_grant for the others. */
    async consume(id: string): Promise<void> {
      if (this.#model === 'RefreshToken') return consumeRefreshToken(pool, id);
      const { rowCount } = await pool.query(
        'update auth.oidc set consumed_at = now() where model = $1 and id = $2 and consumed_at is null',
        [this.#model, secretHash(id)],
      );
      if (rowCount === 0) throw new errors.InvalidGrant('already used');
    }

    async destroy(id: string): Promise<void> {
      if (this.#model === 'Grant') return revokeGrant(pool, id);
      if (this.#model === 'Session' && isRenamed(id)) return;
      await pool.query('delete from auth.oidc where model = $1 and id = $2', [this.#model, secretHash(id)]);
    }

    revokeByGrantId(grantId: string): Promise<void> {
      return revokeGrant(pool, grantId);
    }
  };
}

function withoutSecret({ jti: _, ...payload }: AdapterPayload): AdapterPayload {
  return payload;
}

/** Whether the session goes on under another identifier, which is about to be stored. */
function isRenamed(id: string): boolean {
  const session = Provider.ctx?.oidc.session as { oldId?: string; destroyed?: boolean } | undefined;
  return session?.oldId === id && session.destroyed !== true;
}
