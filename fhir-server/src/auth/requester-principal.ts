/** The rights that whoever started a long-running request has now: never more than the scopes of his token at that time. */
import { parseScope, type CriteriaContext, type Principal } from '../access/index.ts';
import type { Pool } from '../db/index.ts';
import { allowedScopes, loadClient } from './client-store.ts';
import { loadPrincipalFor, type Owner } from './owner-principal.ts';

export interface TokenRights extends Owner {
  /** Of the token. */
  readonly scopes: readonly string[];
  /** Its launch context. */
  readonly patient?: string;
  readonly encounter?: string;
}

/** Undefined when the client or the user is gone or disabled. */
export async function loadRequester(
  pool: Pool,
  { scopes: granted, patient, encounter, ...owner }: TokenRights,
  criteria: CriteriaContext,
): Promise<Principal | undefined> {
  const [principal, client] = await Promise.all([
    loadPrincipalFor(pool, owner),
    loadClient(pool, owner.clientId),
  ]);
  if (principal === undefined || client === undefined) return undefined;
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
