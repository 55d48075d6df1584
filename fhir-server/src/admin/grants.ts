/** Grants: what users have allowed apps, and how that is taken back. */
import { withTransaction } from '../db/index.ts';
import { notFound } from '../fhir/outcome.ts';
import type { Administrator } from './administrator.ts';
import type { AdminContext } from './context.ts';
import { endGrant } from './end-access.ts';
import { recordChange } from './record-change.ts';
import type { Page } from './users.ts';

export interface Grant {
  readonly id: string;
  readonly userId: string;
  readonly username: string | null;
  readonly clientId: string;
  readonly clientName: string | null;
  readonly scope: readonly string[];
  readonly grantedAt: Date;
  readonly expiresAt: Date;
}

/** What oidc-provider keeps of a grant: scopes of OpenID Connect, and those of each resource server. */
interface GrantPayload {
  readonly openid?: { readonly scope?: string };
  readonly resources?: Readonly<Record<string, string>>;
  readonly rejected?: unknown;
}

type GrantRow = Omit<Grant, 'scope'> & { readonly payload: GrantPayload };

const scopesOf = ({ openid, resources = {} }: GrantPayload): string[] => [
  ...new Set(
    [openid?.scope ?? '', ...Object.values(resources)].flatMap((text) => text.split(' ')).filter(Boolean),
  ),
];

/** Of a user, of a client, or all. */
export async function listGrants(
  { pool }: AdminContext,
  { limit, after }: Page,
  of: { readonly user?: string | undefined; readonly client?: string | undefined },
): Promise<Grant[]> {
  const { rows } = await pool.query<GrantRow>(
    `select o.id, o.payload->>'accountId' as "userId", u.username, o.payload->>'clientId' as "clientId",
       c.document->>'name' as "clientName", to_timestamp((o.payload->>'iat')::float8) as "grantedAt",
       o.expires_at as "expiresAt", o.payload
     from auth.oidc o
     left join auth.users u on u.id::text = o.payload->>'accountId'
     left join auth.clients c on c.client_id = o.payload->>'clientId'
     where o.model = 'Grant' and o.expires_at > now() and o.id > $1
       and ($3::text is null or o.payload->>'accountId' = $3) and ($4::text is null or o.payload->>'clientId' = $4)
     order by o.id limit $2`,
    [after, limit, of.user ?? null, of.client ?? null],
  );
  return rows.map(({ payload, ...row }) => ({ ...row, scope: scopesOf(payload) }));
}

/** All tokens of it are gone. Throws FhirError 404. */
export async function revokeGrant({ pool }: AdminContext, by: Administrator, id: string): Promise<void> {
  await withTransaction(pool, async (client) => {
    if (!(await endGrant(client, id))) throw notFound('There is no such grant');
    await recordChange(client, by, { code: 'access-revoked', action: 'D', what: `grant ${id}` });
  });
}
