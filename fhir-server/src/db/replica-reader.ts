/** Statements on a replica, each between two questions on the same connection: whether it is far enough, and how far it is afterwards. */
import type pg from 'pg';
import { isDistributed } from './distribution.ts';
import { gather } from './gather.ts';
import type { Lane } from './lane.ts';
import { formatLogPosition, latest, type LogPosition, parseLogPosition } from './log-position.ts';
import type { Pool, PoolClient, Queryable, QueryConfig, QueryResultRow } from './pool.ts';

interface Where {
  readonly standby: boolean;
  readonly position: string | null;
}

const WHERE: QueryConfig = {
  name: 'where',
  text: 'select pg_is_in_recovery() as standby, pg_last_wal_replay_lsn()::text as position',
};

/** The connection leads to a server that is no standby any more, or lacks what the read needs. */
class Behind extends Error {}

/** For one read. When a statement has failed or has no proof, `fault` says so, whatever became of it above. */
export class ReplicaReader implements Queryable {
  readonly openEnded: Queryable;
  readonly steady: Queryable;
  readonly root: object;
  readonly #lane: Lane;
  readonly #needed: LogPosition;
  #fault: unknown;
  #seen: LogPosition = 0n;

  constructor(lane: Lane, pool: Pool, needed: LogPosition) {
    this.#lane = lane;
    this.#needed = needed;
    this.root = pool;
    this.openEnded = { root: pool, query: (config, values) => this.#onPool(pool, [], config, values) };
    this.steady = {
      root: pool,
      query: (config, values) =>
        this.#onPool(
          pool,
          isDistributed(pool) ? [] : ['set plan_cache_mode = force_generic_plan'],
          config,
          values,
        ),
    };
  }

  get fault(): unknown {
    return this.#fault;
  }

  get isBehind(): boolean {
    return this.#fault instanceof Behind;
  }

  /** Where the replica was when the last statement was over. */
  get seenPosition(): LogPosition {
    return this.#seen;
  }

  blame(error: unknown): void {
    this.#fault ??= error;
  }

  query<R extends QueryResultRow>(config: string | QueryConfig, values?: unknown[]) {
    return this.#blaming(this.#lane.on((client) => this.#between<R>(client, config, values)));
  }

  seen(): Promise<string> {
    return Promise.resolve(formatLogPosition(this.#seen));
  }

  /** Rejects when the connection's server is not where the read needs it; what is sent behind it then has no proof. */
  async check(client: PoolClient): Promise<void> {
    await this.#blaming(client.query<Where>(WHERE).then(({ rows }) => this.#checkWhere(rows[0])));
  }

  /** The statements of a transaction that sees one state, which was checked when it began. */
  ofSnapshot(db: Queryable): Queryable {
    const blamed = (of: Queryable): Queryable => ({
      root: this.root,
      query: (config, values) => this.#blaming(of.query(config, values)),
    });
    const own = blamed(db);
    const seen = async (): Promise<string> => {
      const { rows } = await own.query<Where & QueryResultRow>({ ...WHERE });
      this.#learn(rows[0]?.position);
      return formatLogPosition(this.#seen);
    };
    return { ...own, ...(db.openEnded && { openEnded: blamed(db.openEnded) }), seen };
  }

  async #between<R extends QueryResultRow>(
    client: pg.ClientBase,
    config: string | QueryConfig,
    values?: unknown[],
  ): Promise<pg.QueryResult<R>> {
    const [before, result, after] = await Promise.allSettled([
      client.query<Where>(WHERE),
      client.query<R>(config as QueryConfig, values),
      client.query<Where>(WHERE),
    ]);
    if (before.status === 'rejected') throw before.reason;
    this.#checkWhere(before.value.rows[0]);
    if (result.status === 'rejected') throw result.reason;
    if (after.status === 'rejected') throw after.reason;
    this.#learn(after.value.rows[0]?.position);
    return result.value;
  }

  async #onPool<R extends QueryResultRow>(
    pool: Pool,
    first: readonly string[],
    config: string | QueryConfig,
    values?: unknown[],
  ): Promise<pg.QueryResult<R>> {
    return this.#blaming(
      (async () => {
        const client = await pool.connect();
        let broken: Error | undefined;
        try {
          gather(client);
          for (const statement of first) client.query(statement).catch(() => undefined);
          const result = this.#between<R>(client, config, values);
          if (first.length > 0) client.query('reset plan_cache_mode').catch(() => undefined);
          return await result;
        } catch (error) {
          // Whoever has it next should not meet what was wrong with it.
          broken = error instanceof Error ? error : new Error(String(error));
          throw error;
        } finally {
          client.release(broken);
        }
      })(),
    );
  }

  #checkWhere(where: Where | undefined): void {
    const position = parseLogPosition(where?.position);
    if (where?.standby !== true || position === undefined || position < this.#needed)
      throw new Behind('the replica is not where this read needs it to be');
    this.#learn(where.position);
  }

  #learn(position: string | null | undefined): void {
    this.#seen = latest(this.#seen, parseLogPosition(position));
  }

  async #blaming<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      this.blame(error);
      throw error;
    }
  }
}
