/** Runs a write in a database transaction, again where a race with another writer made it fail. */
import { databaseFault, withTransaction, type PoolClient } from '../db/index.ts';
import { conflict, FhirError } from '../fhir/outcome.ts';
import type { Request } from './server.ts';
import { noteWriter } from './stale-read.ts';

const ATTEMPTS_MAX = 4;
const UNIQUE_VIOLATION = '23505';
/** A column of a search parameter that came between our look at the table and the write. */
const UNDEFINED_COLUMN = '42703';

const isRace = (error: unknown): boolean => {
  const code = (error as { code?: unknown } | null)?.code;
  return databaseFault(error) === 'retry' || code === UNIQUE_VIOLATION || code === UNDEFINED_COLUMN;
};

/**
 * A resource made by someone else between our look and our insert shows as a unique violation; looked at again, it is
 * there and the preconditions decide. Throws 409 when others win each time.
 */
export async function inWriteTransaction<T>(
  request: Request,
  resourceTypes: readonly string[],
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const { tables, pool, signalEvents } = request.server;
  for (let attempt = 1; ; attempt += 1) {
    await tables.ensure(resourceTypes);
    try {
      const result = await withTransaction(pool, (client) => {
        noteWriter(client, request.principal);
        return work(client);
      });
      signalEvents();
      return result;
    } catch (error) {
      if (error instanceof FhirError || !isRace(error)) throw error;
      if (attempt === ATTEMPTS_MAX)
        throw conflict('The resource is being changed by others at this moment; try again');
    }
  }
}
