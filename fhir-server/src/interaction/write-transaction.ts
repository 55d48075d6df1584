/** Runs a write in a database transaction, again where a race with another writer made it fail. */
import { databaseFault, withTransaction, type PoolClient } from '../db/index.ts';
import { conflict, FhirError } from '../fhir/outcome.ts';
import type { Request } from './server.ts';

const ATTEMPTS_MAX = 4;
const UNIQUE_VIOLATION = '23505';

const isRace = (error: unknown): boolean =>
  databaseFault(error) === 'retry' || (error as { code?: unknown } | null)?.code === UNIQUE_VIOLATION;

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
  await tables.ensure(resourceTypes);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const result = await withTransaction(pool, work);
      signalEvents();
      return result;
    } catch (error) {
      if (error instanceof FhirError || !isRace(error)) throw error;
      if (attempt === ATTEMPTS_MAX)
        throw conflict('The resource is being changed by others at this moment; try again');
    }
  }
}
