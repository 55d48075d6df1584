/** Apps that act for a user, and how he takes that back. https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html (management_endpoint) */
import type { Pool } from '../../db/index.ts';
import { revokeGrants } from '../grant-store.ts';

export interface AppAccess {
  readonly clientId: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly since: Date;
}

interface AccessRow {
  readonly client_id: string;
  readonly name: string;
  readonly scopes: string[];
  readonly since: Date;
}

/** Those that hold a token, or can get one without him. */
export async function loadAppAccess(pool: Pool, userId: string): Promise<readonly AppAccess[]> {
  const { rows } = await pool.query<AccessRow>(
    `select t.payload->>'clientId' as client_id, coalesce(c.document->>'name', t.payload->>'clientId') as name,
       array_agg(distinct s.scope order by s.scope) as scopes,
       min(to_timestamp((t.payload->>'iat')::float8)) as since
     from auth.oidc t
     left join auth.clients c on c.client_id = t.payload->>'clientId'
     cross join lateral regexp_split_to_table(coalesce(t.payload->>'scope', ''), ' ') as s(scope)
     where t.payload ? 'accountId' and t.payload->>'accountId' = $1 and t.model in ('RefreshToken', 'AccessToken')
       and t.expires_at > now() and t.consumed_at is null and s.scope <> ''
     group by 1, 2 order by 2`,
    [userId],
  );
  return rows.map(({ client_id: clientId, ...row }) => ({ clientId, ...row }));
}

/** All grants, codes and tokens of the app for this user. False when there was none. */
export async function revokeAppAccess(pool: Pool, userId: string, clientId: string): Promise<boolean> {
  const revoked = await revokeGrants(pool, userId, clientId);
  const { rowCount } = await pool.query(
    `delete from auth.oidc where payload ? 'accountId' and payload->>'accountId' = $1 and payload->>'clientId' = $2`,
    [userId, clientId],
  );
  return revoked + (rowCount ?? 0) > 0;
}
