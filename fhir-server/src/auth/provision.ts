/** Accounts, clients and policies from a document: made or brought up to date, as often as it is run. */
import { randomUUID } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import type { JWKS } from 'oidc-provider';
import { type Clearance, SHIPPED_POLICIES } from '../access/index.ts';
import { withTransaction, type Pool, type PoolClient } from '../db/index.ts';
import type { ClientDocument } from './client-store.ts';
import { endAccountAccess } from './grant-store.ts';
import { secretHash } from './secret-hash.ts';

export interface ProvisionDocument {
  readonly users: readonly {
    readonly username: string;
    readonly password: string;
    /** Name of a policy. */
    readonly role: string;
    readonly fhirUser: string;
    /** `Organization/1`, for which he acts. */
    readonly organization?: string;
    readonly clearance?: readonly Clearance[];
  }[];
  readonly clients: readonly (Omit<ClientDocument, 'secretHash' | 'jwks'> & {
    readonly secret?: string;
    readonly jwks?: JWKS;
  })[];
}

/** Policies that an admin has changed are left as they are. */
export async function ensurePolicies(pool: Pool): Promise<void> {
  for (const policy of Object.values(SHIPPED_POLICIES)) {
    await pool.query(
      `insert into auth.access_policy (name, document) values ($1, $2)
       on conflict (name) do update set document = excluded.document
       where not auth.access_policy.changed and auth.access_policy.document is distinct from excluded.document`,
      [policy.name, JSON.stringify(policy)],
    );
  }
}

export async function provisionAccounts(pool: Pool, document: ProvisionDocument): Promise<void> {
  await ensurePolicies(pool);
  await withTransaction(pool, async (client) => {
    for (const user of document.users) await putUser(client, user);
    for (const { secret, ...registered } of document.clients) {
      const kept: ClientDocument = {
        ...registered,
        ...(secret === undefined ? {} : { secretHash: secretHash(secret) }),
      };
      await client.query(
        `insert into auth.clients (client_id, document) values ($1, $2)
         on conflict (client_id) do update set document = excluded.document
         where auth.clients.document is distinct from excluded.document`,
        [registered.clientId, JSON.stringify(kept)],
      );
    }
  });
}

async function putUser(client: PoolClient, user: ProvisionDocument['users'][number]): Promise<void> {
  const { rows } = await client.query<{ id: string; password_hash: string | null }>(
    'select id, password_hash from auth.users where username = $1',
    [user.username],
  );
  const known = rows[0]?.password_hash ?? undefined;
  const isSame = known !== undefined && (await verify(known, user.password));
  const passwordHash = isSame ? known : await hash(user.password);
  // Whoever knew the old password is out: sessions, tokens and grants go with it.
  if (rows[0] !== undefined && !isSame) await endAccountAccess(client, rows[0].id);
  await client.query(
    `insert into auth.users (id, username, password_hash, role, fhir_user, organization, clearance)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (username) do update
     set password_hash = excluded.password_hash, role = excluded.role, fhir_user = excluded.fhir_user,
       organization = excluded.organization, clearance = excluded.clearance
     where (auth.users.password_hash, auth.users.role, auth.users.fhir_user, auth.users.organization, auth.users.clearance)
       is distinct from (excluded.password_hash, excluded.role, excluded.fhir_user, excluded.organization, excluded.clearance)`,
    [
      randomUUID(),
      user.username,
      passwordHash,
      user.role,
      user.fhirUser,
      user.organization ?? null,
      user.clearance ?? [],
    ],
  );
}
