/** Consents and labels, where the tables are distributed: the same tests, with statements as Citus takes them. */
import { distributeDatabases } from '../../../support/database.ts';

distributeDatabases();
await import('../../../http/rights/protection.test.ts');
