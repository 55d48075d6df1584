/** oidc-provider's state in PostgreSQL, with each single-use thing consumed atomically. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Adapter, AdapterConstructor, AdapterPayload } from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { Pool } from '../db/index.ts';
import { clientMetadata, loadClient } from './client-store.ts';
import { secretHash } from './secret-hash.ts';

/** How the client of the request at hand authenticates, for clients that may do it in more than one way. */
export const clientAuthentication = new AsyncLocalStorage<
  'client_secret_basic' | 'client_secret_post' | undefined
>();

interface Row {
  readonly payload: AdapterPayload;
  readonly consumed: number | null;
}

export function createAdapter(pool: Pool): AdapterConstructor {
  return class PostgresAdapter implements Adapter {
    readonly #model: string;

    constructor(model: string) {
      this.#model = model;
    }

    async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
      const isOnce = this.#model === 'ReplayDetection';
      const { rowCount } = await pool.query(
        `insert into auth.oidc (model, id, payload, grant_id, uid, expires_at)
         values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))
         on conflict (model, id) ${
           isOnce
             ? 'do nothing'
             : 'do update set payload = excluded.payload, grant_id = excluded.grant_id, uid = excluded.uid, expires_at = excluded.expires_at'
         }`,
        [this.#model, secretHash(id), payload, payload.grantId ?? null, payload.uid ?? null, expiresIn],
      );
      // Two assertions with one jti at the same time: the second is a replay, although neither was found before.
      if (isOnce && rowCount === 0) throw new errors.InvalidClientAuth('client assertion was used before');
    }

    async find(id: string): Promise<AdapterPayload | undefined> {
      if (this.#model === 'Client') {
        const client = await loadClient(pool, id);
        return client && clientMetadata(client, clientAuthentication.getStore());
      }
      return this.#findBy('id', secretHash(id));
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
        `select payload, extract(epoch from consumed_at)::float8 as consumed from auth.oidc
         where model = $1 and ${column} = $2 and expires_at > now()`,
        [this.#model, value],
      );
      const row = rows[0];
      return (
        row && { ...row.payload, ...(row.consumed === null ? {} : { consumed: Math.floor(row.consumed) }) }
      );
    }

    /** Of several at once exactly one succeeds. Throws invalid_grant for the others. */
    async consume(id: string): Promise<void> {
      const { rowCount } = await pool.query(
        'update auth.oidc set consumed_at = now() where model = $1 and id = $2 and consumed_at is null',
        [this.#model, secretHash(id)],
      );
      if (rowCount === 0) throw new errors.InvalidGrant('already used');
    }

    async destroy(id: string): Promise<void> {
      await pool.query('delete from auth.oidc where model = $1 and id = $2', [this.#model, secretHash(id)]);
    }

    async revokeByGrantId(grantId: string): Promise<void> {
      await pool.query('delete from auth.oidc where grant_id = $1', [grantId]);
    }
  };
}
