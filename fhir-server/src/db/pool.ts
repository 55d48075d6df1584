/** Connections to PostgreSQL; the only module that knows the driver. */
import pg from 'pg';
import type { Config } from '../platform/config.ts';
import { traceStatements } from './trace-statements.ts';

export type Pool = pg.Pool;
export type PoolClient = pg.PoolClient;
export type QueryConfig = pg.QueryConfig;
export type QueryResultRow = pg.QueryResultRow;

const INT8 = 20;

/** bigint columns hold milliseconds since the epoch and counts, all below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary'): unknown =>
    oid === INT8
      ? Number
      : pg.types.getTypeParser(oid, format ?? 'text')) as pg.CustomTypesConfig['getTypeParser'],
};

/** Whatever runs a statement: a pool, one client of a transaction, or the lane of short reads. */
export interface Queryable {
  /** Where statements that may take long belong, if not here. */
  readonly openEnded?: Queryable;
  /** Where named statements belong that may take long and whose plan is the same for all values, if not here. */
  readonly steady?: Queryable;
  /** What stands for the database where something is kept about it, if not this. */
  readonly root?: object;
  /** On a replica: a place in the log behind all that was read there so far. */
  readonly seen?: () => Promise<string>;
  query<R extends pg.QueryResultRow>(
    config: string | pg.QueryConfig,
    values?: unknown[],
  ): Promise<pg.QueryResult<R>>;
}

export interface ConnectConfig extends Pick<Config, 'databaseUrl' | 'statementTimeoutMs'> {
  /** How long a connection may take to be made, or a pool to have one free; without end where it is left out. */
  readonly connectTimeoutMs?: number;
}

/** What every connection has in common. */
export const clientOptions = (config: ConnectConfig): pg.ClientConfig => ({
  connectionString: config.databaseUrl,
  statement_timeout: config.statementTimeoutMs,
  ...(config.connectTimeoutMs !== undefined && { connectionTimeoutMillis: config.connectTimeoutMs }),
  keepAlive: true,
  // Statements of a transaction that do not need each other's answers are sent one behind the other.
  pipeline: true,
  types,
});

const poolOf = new WeakMap<pg.ClientBase, Pool>();

/** What stands for the database of a connection where something is kept about it. */
export const databaseOf = (client: PoolClient): object => poolOf.get(client) ?? client;

/** A pool for one process. The caller ends it. */
export function createPool(config: ConnectConfig & Pick<Config, 'databasePoolSize'>): Pool {
  const pool = new pg.Pool({
    ...clientOptions(config),
    max: config.databasePoolSize,
  });
  // A connection that dies is replaced at the next use; without listeners, idle or in use, it would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
    poolOf.set(client, pool);
    traceStatements(client);
  });
  traceStatements(pool);
  return pool;
}

/** Whatever is under way on the connection is rejected at once; an orderly end would wait for an answer. */
export function destroy(client: pg.ClientBase): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}

/** Whether the database answers. */
export const isReachable = (pool: Pool): Promise<boolean> =>
  pool.query('select 1').then(
    () => true,
    () => false,
  );

const CONNECTION_FAULTS = /^(08|57P0[1-3]|53300)|ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND/;

/** What a database error means to the caller, by SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
export function databaseFault(error: unknown): 'timeout' | 'locked' | 'retry' | 'unavailable' | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== 'string') return undefined;
  if (code === '57014') return 'timeout';
  if (code === '55P03') return 'locked';
  if (code === '40001' || code === '40P01') return 'retry';
  return CONNECTION_FAULTS.test(code) ? 'unavailable' : undefined;
}
