/**
 * Loads a code system into tables of its own, in any order and in as many pieces as its files have. Readers see it when it is
 * finished, and until then what was there before. https://hl7.org/fhir/R4/codesystem.html
 */
import { hash } from 'node:crypto';
import { type Pool, type PoolClient, withTransaction } from '../../db/index.ts';
import { conflict } from '../../fhir/outcome.ts';
import { buildTables, dropTables } from './build-tables.ts';
import type { NewCodeSystem, Piece, Progress } from './piece.ts';
import { findLeft, markProgress, prepare, writePiece } from './staging.ts';

/** One at a time for each version of a code system. What a loader that died has left is gone on with or removed. */
export class ConceptWriter {
  readonly #pool: Pool;
  /** Holds the lock as long as it is connected. */
  readonly #guard: PoolClient;
  readonly id: number;
  readonly #release: string;
  /** Where a load of the same release was broken off. */
  readonly progress: Progress | undefined;

  private constructor(
    pool: Pool,
    guard: PoolClient,
    { id, release, progress }: { id: number; release: string; progress?: Progress },
  ) {
    this.#pool = pool;
    this.#guard = guard;
    this.id = id;
    this.#release = release;
    this.progress = progress;
  }

  /**
   * `release` tells the files apart: a load of the same that was broken off is gone on with. Throws 409 while another process
   * loads the same version.
   */
  static async begin(pool: Pool, system: NewCodeSystem, release = ''): Promise<ConceptWriter> {
    const { url, version = '' } = system;
    const guard = await pool.connect();
    try {
      const { rows } = await guard.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [
        lockOf(`${url}|${version}`),
      ]);
      if (rows[0]?.locked !== true) throw conflict(`${url}|${version} is being loaded by another process`);
      const left = await withTransaction(pool, (client) => findLeft(client, system, release));
      if (left !== undefined) return new ConceptWriter(pool, guard, { id: left.id, release, progress: left });
      const id = await withTransaction(pool, (client) => prepare(client, system));
      return new ConceptWriter(pool, guard, { id, release });
    } catch (error) {
      guard.release(true);
      throw error;
    }
  }

  /** All of the piece or nothing, together with what it tells of the progress. */
  async write(piece: Piece, progress?: Progress): Promise<void> {
    await withTransaction(this.#pool, async (client) => {
      await writePiece(client, this.id, piece);
      if (progress !== undefined) await markProgress(client, this.id, this.#release, progress);
    });
  }

  /** Builds the tables and puts them in the place of those of the same version. Answers how many concepts there are. */
  async finish(): Promise<number> {
    try {
      return await withTransaction(this.#pool, (client) => buildTables(client, this.id));
    } finally {
      await this.leave();
    }
  }

  /** For another process to go on with, at once: the lock is given back before the connection ends. */
  async leave(): Promise<void> {
    try {
      await this.#guard.query('select pg_advisory_unlock_all()');
      this.#guard.release();
    } catch {
      // The connection is gone, and the lock with it.
      this.#guard.release(true);
    }
  }

  /** Leaves nothing behind. */
  async abort(): Promise<void> {
    try {
      await withTransaction(this.#pool, (client) => dropTables(client, [this.id]));
    } finally {
      await this.leave();
    }
  }
}

const lockOf = (canonical: string): string =>
  BigInt.asIntN(64, BigInt(`0x${hash('sha256', canonical, 'hex').slice(0, 16)}`)).toString();
