/** Whether the tables of resources are spread over the machines of a Citus cluster, and with them which form statements have. */
import { databaseOf, type Pool, type PoolClient, type Queryable } from './pool.ts';

/** The column whose hash decides on which shard a row is. */
export const DISTRIBUTION_COLUMN = 'id';

/**
 * The operator asks for it in the database, so that all processes agree:
 * `alter database … set dr_assistant.distribute_by = 'id'`. The extension alone does not ask for it: some statements
 * do not run on distributed tables (docs/scaling.md), and others cost more than they would on one machine.
 */
const WANTED = `select coalesce(current_setting('dr_assistant.distribute_by', true), '') as wanted,
  exists (select from pg_extension where extname = 'citus') as has_citus`;

/** Whether tables of resources are to be distributed, by what the database says now. Throws where that is asked for and cannot be. */
export async function wantsDistribution(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ wanted: string; has_citus: boolean }>(WANTED);
  const { wanted, has_citus: hasCitus } = rows[0]!;
  if (wanted === '') return false;
  if (wanted !== DISTRIBUTION_COLUMN)
    throw new Error(`dr_assistant.distribute_by must be '${DISTRIBUTION_COLUMN}' or not be set`);
  if (!hasCitus) throw new Error('dr_assistant.distribute_by is set, but the extension citus is missing');
  return true;
}

/** Pools of databases whose tables are distributed. */
const distributed = new WeakSet<object>();

/**
 * Asks whether tables of resources are distributed, and remembers it for the pool: once, when a process starts. Who never asked has
 * statements sent that Citus refuses. Throws where it is asked for and cannot be.
 */
export async function learnDistribution(pool: Pool): Promise<void> {
  if (await wantsDistribution(pool)) distributed.add(pool);
}

/** For connections to a copy of the same database. */
export function shareDistribution(from: Pool, to: Pool): void {
  if (distributed.has(from)) distributed.add(to);
}

/** Whether statements must be such as Citus takes for distributed tables. */
export const isDistributed = (db: Pool | PoolClient | Queryable): boolean =>
  distributed.has('root' in db && db.root !== undefined ? db.root : databaseOf(db as PoolClient));
