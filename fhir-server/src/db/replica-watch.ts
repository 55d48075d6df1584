/** Watches how far a replica has come, and how far it is behind; both are known without comparing clocks of two machines. */
import pg from 'pg';
import type { Logger } from '../platform/logger.ts';
import { type LogPosition, parseLogPosition } from './log-position.ts';
import { clientOptions, destroy, type Pool } from './pool.ts';
import type { ReplicaConfig } from '../platform/replica-config.ts';

/** Where the primary's log ended when it was asked: everything committed before `at` lies in front of `end`. */
interface Sample {
  readonly at: number;
  readonly end: LogPosition;
}

interface State {
  readonly position: LogPosition;
}

/** Samples that are kept of the time that a replica may be behind. */
const SAMPLES_KEPT = 400;

const IDENTITY = `(select system_identifier::text from pg_control_system()) || ' ' || current_database()`;

export class ReplicaWatch {
  readonly #pool: Pool;
  readonly #config: ReplicaConfig;
  readonly #logger: Logger;
  readonly #lost: () => void;
  #samples: Sample[] = [];
  #state: State | undefined;
  #client: pg.Client | undefined;
  #identity: string | undefined;
  #trouble: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #round = Promise.resolve();

  /** `lost` is called when the replica no longer answers, or is none any more. */
  constructor(pool: Pool, config: ReplicaConfig, logger: Logger, lost: () => void) {
    this.#pool = pool;
    this.#config = config;
    this.#logger = logger;
    this.#lost = lost;
  }

  /** How far it had come when it was last asked; undefined while it does not answer or is no replica of ours. */
  get position(): LogPosition | undefined {
    return this.#state?.position;
  }

  /** Where a replica must have come so that it lacks nothing older than is permitted; undefined while that is not known. */
  get freshEnough(): LogPosition | undefined {
    const oldest = performance.now() - this.#config.stalenessMs;
    return this.#samples.find(({ at }) => at >= oldest)?.end;
  }

  /** At most so much of what was committed lately is missing there; Infinity where nothing is known. */
  get lagMs(): number {
    const { position } = this;
    if (position === undefined) return Infinity;
    const reached = this.#samples.findLast(({ end }) => end <= position);
    return reached === undefined ? Infinity : performance.now() - reached.at;
  }

  /** An answer has shown that a connection's server has come so far; another may not have, which each answer shows as well. */
  learn(position: LogPosition): void {
    if (this.#state !== undefined && position > this.#state.position) this.#state = { position };
  }

  start(): void {
    const turn = (): void => {
      this.#round = Promise.all([this.#sample(), this.#look()]).then(() => {
        if (!this.#isClosed) this.#timer = setTimeout(turn, this.#config.pollMs);
      });
    };
    turn();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#state = undefined;
    await this.#round;
    await this.#client?.end().catch(() => undefined);
  }

  async #sample(): Promise<void> {
    const at = performance.now();
    try {
      // What is not on the disk yet was acknowledged to nobody.
      const { rows } = await this.#pool.query<{ ends: string }>({
        name: 'flushed',
        text: 'select pg_current_wal_flush_lsn()::text as ends',
      });
      const end = parseLogPosition(rows[0]?.ends);
      const last = this.#samples.at(-1);
      const before = this.#samples.at(-2);
      // The last one moves on until the one before it is old enough.
      if (last && before && last.at - before.at < this.#config.stalenessMs / SAMPLES_KEPT)
        this.#samples.pop();
      if (end !== undefined) this.#samples.push({ at, end });
      const oldest = at - 2 * this.#config.stalenessMs;
      while ((this.#samples[0]?.at ?? Infinity) < oldest) this.#samples.shift();
    } catch {
      // The primary's trouble is that of whoever reads there; nothing is known to be fresh meanwhile.
    }
  }

  async #look(): Promise<void> {
    try {
      const client = (this.#client ??= await this.#connect());
      const { rows } = await inTime(
        client.query<{ standby: boolean; position: string | null }>({
          name: 'replayed',
          text: 'select pg_is_in_recovery() as standby, pg_last_wal_replay_lsn()::text as position',
        }),
        this.#config.timeoutMs,
      );
      const position = parseLogPosition(rows[0]?.position);
      if (rows[0]?.standby !== true || position === undefined) throw new Error('it is no standby');
      this.#state = { position };
      if (this.#trouble !== undefined) this.#logger.info('the replica answers again');
      this.#trouble = undefined;
    } catch (error) {
      this.#drop(error);
    }
  }

  #drop(error: unknown): void {
    const wasThere = this.#state !== undefined;
    this.#state = undefined;
    const client = this.#client;
    this.#client = undefined;
    if (client !== undefined) destroy(client);
    if (wasThere) this.#lost();
    const trouble = error instanceof Error ? error.message : String(error);
    if (trouble !== this.#trouble && !this.#isClosed)
      this.#logger.warn({ err: error }, 'the replica is not used; all is read from the primary');
    this.#trouble = trouble;
  }

  async #connect(): Promise<pg.Client> {
    const { url, timeoutMs } = this.#config;
    const client = new pg.Client({
      ...clientOptions({ databaseUrl: url, statementTimeoutMs: timeoutMs, connectTimeoutMs: timeoutMs }),
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await this.#checkIdentity(client);
      return client;
    } catch (error) {
      destroy(client);
      throw error;
    }
  }

  /** The replica of another cluster, or another database of it, holds somebody else's data. */
  async #checkIdentity(client: pg.Client): Promise<void> {
    const ask = `select ${IDENTITY} as identity`;
    this.#identity ??= (await this.#pool.query<{ identity: string }>(ask)).rows[0]?.identity;
    const { rows } = await inTime(client.query<{ identity: string }>(ask), this.#config.timeoutMs);
    if (rows[0]?.identity !== this.#identity) throw new Error('it is no replica of this database');
  }
}

async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  work.catch(() => undefined);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
