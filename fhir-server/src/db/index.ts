/** The face of db: pool, transactions and migrations. */
export { migrate } from './migrate.ts';
export { createPool, databaseFault, type Pool, type PoolClient } from './pool.ts';
export { withTransaction } from './transaction.ts';
