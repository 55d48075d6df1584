/** The rights that the author of a Subscription has now, without a token: those of his client, or of his role. */
import { parseScope, type AccessPolicy, type Principal, type Scope } from '../access/index.ts';
import type { Queryable } from '../db/index.ts';
import { loadClient } from './client-store.ts';
import { loadUser } from './user-store.ts';

async function loadPolicy(db: Queryable, name: string): Promise<AccessPolicy | undefined> {
  const { rows } = await db.query<{ document: AccessPolicy }>(
    'select document from auth.access_policy where name = $1',
    [name],
  );
  return rows[0]?.document;
}

export interface Owner {
  readonly clientId: string;
  readonly userId?: string;
}

/** Undefined when the client or the user is gone or disabled. */
export async function loadPrincipalFor(db: Queryable, owner: Owner): Promise<Principal | undefined> {
  const client = await loadClient(db, owner.clientId);
  if (client === undefined) return undefined;
  const scopes = client.scope.split(' ').flatMap((text) => parseScope(text) ?? []);
  if (owner.userId === undefined) {
    const policy = await loadPolicy(db, 'client');
    return (
      policy && {
        kind: 'client',
        clientId: owner.clientId,
        scopes,
        policy,
        clearance: client.clearance ?? [],
      }
    );
  }
  return loadPrincipalOf(db, owner.userId, owner.clientId, scopes);
}

/** A user with these scopes by this client. Undefined when he is gone or disabled, or has no role. */
export async function loadPrincipalOf(
  db: Queryable,
  userId: string,
  clientId: string,
  scopes: readonly Scope[],
): Promise<Principal | undefined> {
  const user = await loadUser(db, userId);
  const policy = user?.role === undefined ? undefined : await loadPolicy(db, user.role);
  if (user === undefined || policy === undefined) return undefined;
  const { fhirUser, organization, clearance } = user;
  return {
    kind: 'user',
    clientId,
    userId: user.id,
    ...(fhirUser === undefined ? {} : { fhirUser }),
    ...(organization === undefined ? {} : { organization }),
    clearance,
    scopes,
    policy,
  };
}
