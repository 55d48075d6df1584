/** The rights that whoever started a long-running request has now: never more than the scopes of his token at that time. */
import { parseScope, type CriteriaContext, type Principal } from '../access/index.ts';
import type { Queryable } from '../db/index.ts';
import { allowedScopes, loadClient } from './client-store.ts';
import { loadPrincipalFor, type Owner } from './owner-principal.ts';
import { secretHash } from './secret-hash.ts';

export interface TokenRights extends Owner {
  /** Of the token. */
  readonly scopes: readonly string[];
  /** Its launch context. */
  readonly patient?: string;
  readonly encounter?: string;
  /** Where the request is to end with the grant of the token. */
  readonly grantId?: string;
}

/** Undefined when the client, the user or the grant is gone, or disabled. */
export async function loadRequester(
  db: Queryable,
  { scopes: granted, patient, encounter, grantId, ...owner }: TokenRights,
  criteria: CriteriaContext,
): Promise<Principal | undefined> {
  const [principal, client, isGranted] = await Promise.all([
    loadPrincipalFor(db, owner),
    loadClient(db, owner.clientId),
    grantId === undefined ? true : hasGrant(db, grantId),
  ]);
  if (principal === undefined || client === undefined || !isGranted) return undefined;
  // What both have: the token's scopes that the client still may ask for, and the client's that the token covers.
  const kept = allowedScopes(client, granted, criteria);
  const within = allowedScopes({ ...client, scope: granted.join(' ') }, client.scope.split(' '), criteria);
  const scopes = [...new Set([...kept, ...within])].flatMap((text) => parseScope(text) ?? []);
  return {
    ...principal,
    scopes,
    ...(patient !== undefined && { patient }),
    ...(encounter !== undefined && { encounter }),
  };
}

async function hasGrant(db: Queryable, grantId: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `select 1 from auth.oidc where model = 'Grant' and id = $1 and expires_at > now()`,
    [secretHash(grantId)],
  );
  return rowCount === 1;
}
