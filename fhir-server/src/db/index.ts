/** The face of db: pool, transactions and migrations. */
export { binaryArray, type ElementType } from './binary-array.ts';
export { Lane } from './lane.ts';
export { distribute, distributeAll, distributedAmong } from './citus.ts';
export { DISTRIBUTION_COLUMN, isDistributed, wantsDistribution } from './distribution.ts';
export { endOfLog, EVERYBODY, noteAuthor, noteAuthors, noteTold } from './client-position.ts';
export { hearChanges, type Hearing } from './hear-changes.ts';
export { checkMigrated, migrate, type MigrateOptions, SchemaError } from './migrate.ts';
export {
  createPool,
  databaseFault,
  databaseOf,
  isReachable,
  type Pool,
  type PoolClient,
  type Queryable,
  type QueryConfig,
} from './pool.ts';
export { type PrimaryReason, Replica, type StaleRead } from './replica.ts';
export { afterCommit, inSnapshot, sendAll, withTransaction } from './transaction.ts';
export { connectAside, createWakeUp, listen, type WakeUp } from './wake-up.ts';
