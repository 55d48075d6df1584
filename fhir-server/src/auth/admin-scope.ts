/** Scopes of the admin API: given to apps and services that are registered with them, to users whose policy lets them administer. */
import type { Queryable } from '../db/index.ts';

export const ADMIN_SCOPES = [
  'admin/users.read',
  'admin/users.write',
  'admin/clients.read',
  'admin/clients.write',
  'admin/policies.read',
  'admin/policies.write',
  'admin/grants.read',
  'admin/grants.write',
  'admin/access.read',
  'admin/subscriptions.read',
  'admin/subscriptions.write',
  'admin/metrics.read',
  'admin/jobs.read',
  'admin/jobs.write',
  'admin/packages.read',
  'admin/packages.write',
] as const;

export type AdminScope = (typeof ADMIN_SCOPES)[number];

export const isAdminScope = (text: string): text is AdminScope =>
  (ADMIN_SCOPES as readonly string[]).includes(text);

/** Without the admin scopes, for a user whose policy does not let him administer. */
export async function grantableScopes(
  db: Pick<Queryable, 'query'>,
  role: string | undefined,
  scopes: readonly string[],
): Promise<readonly string[]> {
  if (!scopes.some(isAdminScope)) return scopes;
  const { rowCount } = await db.query(
    `select from auth.access_policy where name = $1 and document->'administration' = 'true'::jsonb`,
    [role ?? null],
  );
  return rowCount === 1 ? scopes : scopes.filter((scope) => !isAdminScope(scope));
}
