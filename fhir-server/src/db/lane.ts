/**
 * A few connections on which short reads follow one another without waiting for answers (pipelining). What is asked within one
 * turn of the event loop goes out in one packet, and PostgreSQL finds its next statement already there when it has finished one.
 */
import pg from 'pg';
import type { Config } from '../platform/config.ts';
import { isDistributed } from './distribution.ts';
import { gather } from './gather.ts';
import { clientOptions, type ConnectConfig, destroy, type Pool, type Queryable } from './pool.ts';
import { steady } from './steady.ts';
import { traceStatements } from './trace-statements.ts';

interface Slot {
  readonly client: pg.Client;
  /** Resolves when statements can be sent. */
  readonly ready: Promise<unknown>;
  outstanding: number;
}

/** For statements that a few index entries answer; a long one would hold up all behind it. */
export class Lane implements Queryable {
  /** For statements that may take long. */
  readonly openEnded: Queryable;
  readonly steady: Queryable;
  readonly root: object;
  readonly #slots: (Slot | undefined)[];
  readonly #options: pg.ClientConfig;
  #isClosed = false;
  #answered = 0;

  constructor(config: LaneConfig, pool: Pool) {
    this.openEnded = pool;
    this.steady = steady(pool);
    this.root = pool;
    this.#slots = Array.from({ length: config.databaseLaneSize }, () => undefined);
    // Planning anew for each value costs as much as the statement. What comes here names a few index entries and takes its
    // order from no other index (search-sql/sort.ts), so that the plan does not depend on the value.
    // Citus makes no such plan for a query over several shards.
    this.#options = {
      ...clientOptions(config),
      ...(!isDistributed(pool) && { options: '-c plan_cache_mode=force_generic_plan' }),
    };
  }

  /** Connections that there may be. */
  get size(): number {
    return this.#slots.length;
  }

  /** Statements that wait for their answers. */
  get outstanding(): number {
    return this.#slots.reduce((sum, slot) => sum + (slot?.outstanding ?? 0), 0);
  }

  /** Statements that no longer wait, of all times. */
  get answered(): number {
    return this.#answered;
  }

  query<R extends pg.QueryResultRow>(
    config: string | pg.QueryConfig,
    values?: unknown[],
  ): Promise<pg.QueryResult<R>> {
    return this.on((client) => client.query<R>(config as pg.QueryConfig, values));
  }

  /** Statements that belong together and are sent at once, on one connection. */
  async on<T>(send: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    const slot = this.#leastBusy();
    slot.outstanding += 1;
    try {
      await slot.ready;
      gather(slot.client);
      return await send(slot.client);
    } finally {
      slot.outstanding -= 1;
      this.#answered += 1;
    }
  }

  /** Rejects all that is under way; the next statement connects anew. */
  breakOff(): void {
    for (const slot of this.#slots) if (slot) destroy(slot.client);
    this.#slots.fill(undefined);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#slots.flatMap((slot) => (slot ? [slot.client.end()] : [])));
  }

  #leastBusy(): Slot {
    let best = 0;
    for (let i = 1; i < this.#slots.length; i += 1)
      if ((this.#slots[i]?.outstanding ?? 0) < (this.#slots[best]?.outstanding ?? 0)) best = i;
    return (this.#slots[best] ??= this.#connect(best));
  }

  #connect(index: number): Slot {
    if (this.#isClosed) throw new Error('the lane is closed');
    const client = new pg.Client(this.#options);
    traceStatements(client);
    const slot: Slot = { client, ready: client.connect(), outstanding: 0 };
    const lost = (): void => {
      if (this.#slots[index] === slot) this.#slots[index] = undefined;
    };
    // What was under way is rejected by the driver; the next statement connects anew.
    client.on('error', lost).on('end', lost);
    slot.ready.catch(lost);
    return slot;
  }
}

export type LaneConfig = Pick<Config, 'databaseLaneSize'> & ConnectConfig;
