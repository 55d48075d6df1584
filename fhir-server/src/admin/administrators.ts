/** There is always somebody who can administer: the last one is neither disabled nor given another role. */
import type { PoolClient } from '../db/index.ts';
import { conflict, forbidden } from '../fhir/outcome.ts';
import type { Administrator } from './administrator.ts';

const LOCK = 8117;

const count = async (client: PoolClient): Promise<number> => {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from auth.users u join auth.access_policy p on p.name = u.role
     where not u.disabled and p.document->'administration' = 'true'::jsonb`,
  );
  return rows[0]?.count ?? 0;
};

/** Changes that could leave nobody go one after the other. Throws FhirError 409 when `change` would; it is then undone by its transaction. */
export async function keepingOne<T>(client: PoolClient, change: () => Promise<T>): Promise<T> {
  await client.query('select pg_advisory_xact_lock($1)', [LOCK]);
  const before = await count(client);
  const result = await change();
  if (before > 0 && (await count(client)) === 0) throw conflict('Nobody would be left who can administer');
  return result;
}

/** Throws FhirError 403 when a role that administers is given by one who may not appoint. */
export async function checkAppointment(client: PoolClient, by: Administrator, role: string): Promise<void> {
  if (by.mayAppoint) return;
  const { rowCount } = await client.query(
    `select from auth.access_policy where name = $1 and document->'administration' = 'true'::jsonb`,
    [role],
  );
  if (rowCount !== 0) throw forbidden('A role that administers is given by a user who administers.');
}
