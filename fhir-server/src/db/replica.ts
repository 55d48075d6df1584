/**
 * Reads that may be a little old, from a streaming replica: never older than permitted, never without what the reader himself has
 * written or was told of, and each answer with its proof from the connection that it came by. docs/adr/0012-read-replicas.md
 */
import type { Logger } from '../platform/logger.ts';
import type { ReplicaConfig } from '../platform/replica-config.ts';
import { noteAuthors, forgetOldNotes, type Notes, readNotes } from './client-position.ts';
import { shareDistribution } from './distribution.ts';
import { latest, type LogPosition, parseLogPosition } from './log-position.ts';
import { Lane } from './lane.ts';
import { createPool, destroy, type Pool, type PoolClient, type Queryable } from './pool.ts';
import { ReplicaReader } from './replica-reader.ts';
import { ReplicaWatch } from './replica-watch.ts';
import { inSnapshot } from './transaction.ts';

/** The settings, with what the pool and the lane of the primary have as well. */
export interface ReplicaOptions extends ReplicaConfig {
  readonly laneSize: number;
  readonly statementTimeoutMs: number;
}

export interface StaleRead<T> {
  /** Who asks, by the name under which his writes are noted. */
  readonly client: string;
  /** What an earlier answer that this one goes on from has seen: a place in the log. */
  readonly seen?: string | undefined;
  /** Whether all its statements must see the same state. */
  readonly isOfOneMoment: boolean;
  /** May run in vain, so that it must have no effect but its result. */
  onReplica(db: Queryable): Promise<T>;
  onPrimary(): Promise<T>;
}

/**
 * Why a read went to the primary: the replica does not answer, it is further behind than permitted, it lacks what the client has
 * written, or what the page before has seen; or it failed, or was not where the read needed it to be.
 */
export type PrimaryReason = 'down' | 'stale' | 'written' | 'paged' | 'failed' | 'behind';

export interface ReplicaFigures {
  readonly reads: ReadonlyMap<'replica' | PrimaryReason, number>;
  readonly lagMs: number;
}

const FORGET_EVERY_MS = 60_000;
const QUERY_CANCELED = '57014';

export interface ReplicaContext {
  readonly primary: Pool;
  /** For short statements on the primary. */
  readonly reader: Queryable;
  /** Rises when it changes what can be searched by; what was indexed for it must be on the replica too. */
  readonly revision: () => number;
  readonly logger: Logger;
}

export class Replica {
  readonly #context: ReplicaContext;
  readonly #pool: Pool;
  readonly #lane: Lane;
  readonly #watch: ReplicaWatch;
  readonly #connections = new Set<PoolClient>();
  readonly #reads = new Map<'replica' | PrimaryReason, number>();
  readonly #forgetting: NodeJS.Timeout;
  #asking: { readonly clients: Set<string>; readonly notes: Promise<Notes | undefined> } | undefined;
  #searchable: { readonly revision: number; readonly position: LogPosition } | undefined;

  constructor(config: ReplicaOptions, context: ReplicaContext) {
    this.#context = context;
    const there = {
      databaseUrl: config.url,
      databasePoolSize: config.poolSize,
      databaseLaneSize: config.laneSize,
      statementTimeoutMs: config.statementTimeoutMs,
      connectTimeoutMs: config.timeoutMs,
    };
    this.#pool = createPool(there);
    shareDistribution(context.primary, this.#pool);
    this.#pool.on('connect', (client) => this.#connections.add(client));
    this.#pool.on('remove', (client) => this.#connections.delete(client));
    this.#lane = new Lane(there, this.#pool);
    noteAuthors(context.primary);
    this.#watch = new ReplicaWatch(context.primary, config, context.logger, () => this.#breakOff());
    this.#watch.start();
    this.#forgetting = setInterval(() => {
      forgetOldNotes(context.reader).catch(() => undefined);
    }, FORGET_EVERY_MS).unref();
  }

  get figures(): ReplicaFigures {
    return { reads: this.#reads, lagMs: this.#watch.lagMs };
  }

  /** Wholly on one of both: what the replica cannot answer is read again on the primary. */
  async read<T>(read: StaleRead<T>): Promise<T> {
    const needed = await this.#needed(read);
    if (typeof needed === 'string') return this.#onPrimary(read, needed);
    const reader = new ReplicaReader(this.#lane, this.#pool, needed);
    let own: unknown;
    const work = (db: Queryable): Promise<T> =>
      read.onReplica(db).catch((error: unknown) => {
        own = error;
        throw error;
      });
    try {
      const result = read.isOfOneMoment
        ? await inSnapshot(
            this.#pool,
            (db) => work(reader.ofSnapshot(db)),
            (client) => reader.check(client),
          )
        : await work(reader);
      if (reader.fault === undefined) {
        this.#watch.learn(reader.seenPosition);
        this.#count('replica');
        return result;
      }
    } catch (error) {
      if (error !== own) reader.blame(error);
      if (reader.fault === undefined || isTimeout(reader.fault)) throw error;
    }
    return this.#onPrimary(read, reader.isBehind ? 'behind' : 'failed');
  }

  async close(): Promise<void> {
    clearInterval(this.#forgetting);
    await this.#watch.close();
    this.#breakOff();
    await Promise.all([this.#lane.close(), this.#pool.end()]);
  }

  async #needed({ client, seen }: StaleRead<unknown>): Promise<LogPosition | PrimaryReason> {
    const before = this.#watch.position;
    if (before === undefined) return 'down';
    const fresh = this.#watch.freshEnough;
    if (fresh === undefined || fresh > before) return 'stale';
    const paged = parseLogPosition(seen);
    if (paged !== undefined && paged > before) return 'paged';
    // Whatever is wrong with the primary is for who reads there.
    const notes = await this.#notes(client).catch(() => undefined);
    if (notes === undefined) return 'written';
    const written = latest(notes.of.get(client), notes.everybody, this.#searchable?.position);
    return written > (this.#watch.position ?? 0n) ? 'written' : latest(fresh, paged, written);
  }

  /** All that is asked in one turn of the event loop is one statement. It is sent after the call, so that it finds what was acknowledged before. */
  #notes(client: string): Promise<Notes | undefined> {
    if (this.#asking === undefined) {
      const clients = new Set<string>();
      const { promise, resolve } = Promise.withResolvers<Notes | undefined>();
      this.#asking = { clients, notes: promise };
      setImmediate(() => {
        this.#asking = undefined;
        resolve(this.#readNotes([...clients]));
      });
    }
    this.#asking.clients.add(client);
    return this.#asking.notes;
  }

  async #readNotes(clients: readonly string[]): Promise<Notes | undefined> {
    const revision = this.#context.revision();
    const notes = await readNotes(this.#context.reader, clients);
    // What is searchable now was indexed before the end of the log of now.
    if (notes !== undefined && this.#searchable?.revision !== revision)
      this.#searchable = { revision, position: notes.end };
    return notes;
  }

  #onPrimary<T>(read: StaleRead<T>, reason: PrimaryReason): Promise<T> {
    this.#count(reason);
    return read.onPrimary();
  }

  #count(what: 'replica' | PrimaryReason): void {
    this.#reads.set(what, (this.#reads.get(what) ?? 0) + 1);
  }

  #breakOff(): void {
    this.#lane.breakOff();
    for (const client of this.#connections) destroy(client);
  }
}

/** It would take as long on the primary. A standby also cancels what conflicts with what it replays; that is no matter of time. */
const isTimeout = (fault: unknown): boolean =>
  (fault as { code?: unknown }).code === QUERY_CANCELED && !/conflict/i.test(String(fault));
