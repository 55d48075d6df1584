/** One database transaction around a function. */
import { beginNotes, endNotes, sendNotes } from './client-position.ts';
import { isDistributed } from './distribution.ts';
import { gather } from './gather.ts';
import type { Pool, PoolClient, Queryable, QueryConfig, QueryResultRow } from './pool.ts';

const afterwards = new WeakMap<PoolClient, (() => void)[]>();

/** Runs `act` once the client's transaction is committed; never when it is rolled back. */
export function afterCommit(client: PoolClient, act: () => void): void {
  const acts = afterwards.get(client);
  if (acts) acts.push(act);
  else afterwards.set(client, [act]);
}

/**
 * Runs `work` between begin and commit on one connection. When it throws, the transaction is rolled back and the
 * error passed on; a returned value means that the commit was acknowledged.
 */
export const withTransaction = <T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> =>
  between(pool, 'begin', (client) => {
    beginNotes(pool, client);
    return work(client);
  });

/**
 * Runs reads that must all see the same state of the database. Statements are planned once for all values, but those that
 * are sent to `openEnded`, and all where the tables are distributed. `check` is sent in front, so that what it finds of the server is true of the state that is seen.
 */
export const inSnapshot = <T>(
  pool: Pool,
  work: (db: Queryable) => Promise<T>,
  check?: (client: PoolClient) => Promise<void>,
): Promise<T> =>
  between(
    pool,
    isDistributed(pool) ? SNAPSHOT : `${SNAPSHOT}; ${planned('force_generic_plan')}`,
    (client) =>
      work({
        root: pool,
        query: (config, values) => client.query(config as QueryConfig, values),
        openEnded: {
          root: pool,
          async query<R extends QueryResultRow>(config: string | QueryConfig, values?: unknown[]) {
            if (isDistributed(pool)) return client.query<R>(config as QueryConfig, values);
            gather(client);
            const [, result] = await Promise.all([
              client.query(planned('auto')),
              client.query<R>(config as QueryConfig, values),
              client.query(planned('force_generic_plan')),
            ]);
            return result;
          },
        },
      }),
    { check },
  );

const SNAPSHOT = 'begin isolation level repeatable read, read only';
const planned = (mode: string): string => `set local plan_cache_mode = ${mode}`;

async function between<T>(
  pool: Pool,
  begin: string,
  work: (client: PoolClient) => Promise<T>,
  reading?: { readonly check: ((client: PoolClient) => Promise<void>) | undefined },
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    gather(client);
    const checked = reading?.check?.(client);
    checked?.catch(() => undefined);
    // Sent together with the first statement; it fails only with the connection, and then all that follow fail too.
    const begun = client.query(begin);
    begun.catch(() => undefined);
    const result = await work(client);
    await begun;
    await checked;
    const committed = client.query('commit');
    const notes = sendNotes(client);
    // Reads have nothing to lose: whoever has the connection next need not wait for its end.
    if (reading) committed.catch(() => undefined);
    else await committed;
    for (const act of afterwards.get(client) ?? []) act();
    await notes?.taken(pool);
    return result;
  } catch (error) {
    await client.query('rollback').catch((fault: unknown) => {
      broken = fault instanceof Error ? fault : new Error(String(fault));
    });
    throw error;
  } finally {
    afterwards.delete(client);
    endNotes(client);
    client.release(broken);
  }
}

/** Sends statements that do not need each other's answers, in their order, and waits for all. Throws the first error. */
export async function sendAll(client: PoolClient, statements: readonly QueryConfig[]): Promise<void> {
  gather(client);
  await Promise.all(statements.map((statement) => client.query(statement)));
}
