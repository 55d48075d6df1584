/** Writes that are committed together, where the tables are distributed: the same tests, with statements as Citus takes them. */
import { distributeDatabases } from '../../../support/database.ts';

distributeDatabases();
await import('../../../http/group-commit.test.ts');
