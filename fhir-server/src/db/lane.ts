/**
 * A few connections on which short reads follow one another without waiting for answers (pipelining). What is asked within one
 * turn of the event loop goes out in one packet, and PostgreSQL finds its next statement already there when it has finished one.
 */
import pg from 'pg';
import type { Config } from '../platform/config.ts';
import { clientOptions, type Queryable } from './pool.ts';

interface Slot {
  readonly client: pg.Client;
  /** Resolves when statements can be sent. */
  readonly ready: Promise<unknown>;
  outstanding: number;
  isCorked: boolean;
}

/** The driver's socket; its own cork and uncork around each statement nest within ours. */
const streamOf = (client: pg.Client): NodeJS.WritableStream & { cork(): void; uncork(): void } =>
  (client as unknown as { connection: { stream: NodeJS.WritableStream & { cork(): void; uncork(): void } } })
    .connection.stream;

/** For statements that a few index entries answer; a long one would hold up all behind it. */
export class Lane implements Queryable {
  /** For statements that may take long. */
  readonly openEnded: Queryable;
  readonly #slots: (Slot | undefined)[];
  readonly #options: pg.ClientConfig;
  #isClosed = false;

  constructor(config: LaneConfig, openEnded: Queryable) {
    this.openEnded = openEnded;
    this.#slots = Array.from({ length: config.databaseLaneSize }, () => undefined);
    this.#options = { ...clientOptions(config), pipeline: true };
  }

  async query<R extends pg.QueryResultRow>(
    config: string | pg.QueryConfig,
    values?: unknown[],
  ): Promise<pg.QueryResult<R>> {
    const slot = this.#leastBusy();
    slot.outstanding += 1;
    try {
      await slot.ready;
      this.#gather(slot);
      return await slot.client.query<R>(config as pg.QueryConfig, values);
    } finally {
      slot.outstanding -= 1;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#slots.map((slot) => slot?.client.end()));
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
    const slot: Slot = { client, ready: client.connect(), outstanding: 0, isCorked: false };
    const lost = (): void => {
      if (this.#slots[index] === slot) this.#slots[index] = undefined;
    };
    // What was under way is rejected by the driver; the next statement connects anew.
    client.on('error', lost).on('end', lost);
    slot.ready.catch(lost);
    return slot;
  }

  #gather(slot: Slot): void {
    if (slot.isCorked) return;
    slot.isCorked = true;
    const stream = streamOf(slot.client);
    stream.cork();
    setImmediate(() => {
      slot.isCorked = false;
      stream.uncork();
    });
  }
}

export type LaneConfig = Pick<Config, 'databaseUrl' | 'databaseLaneSize' | 'statementTimeoutMs'>;
