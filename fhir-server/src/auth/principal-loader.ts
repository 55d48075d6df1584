/** Access token → principal, kept for a short while and forgotten the moment that rights change. */
import { parseScope, type AccessPolicy, type Clearance, type Principal } from '../access/index.ts';
import { hearChanges, type Pool } from '../db/index.ts';
import { unauthorized } from '../fhir/outcome.ts';
import type { SharedCopies } from '../redis/index.ts';
import { isAdminScope } from './admin-scope.ts';
import { ACCOUNT_SCOPES } from './client-store.ts';
import { secretHash } from './secret-hash.ts';
import { IS_ALIVE } from './token-state.ts';

/** Only a bound on memory: a change of rights empties the whole at once. */
const KEPT_MAX = 10_000;
/** A connection that hears of changes can be dead for some time before anybody notices. */
const KEPT_MS = 10_000;

interface TokenRow {
  readonly model: string;
  readonly client_id: string;
  readonly scope: string | null;
  /** Milliseconds since 1970. */
  readonly expires_at: number;
  readonly grant_id: string | null;
  readonly user_id: string | null;
  readonly fhir_user: string | null;
  readonly organization: string | null;
  readonly clearance: Clearance[] | null;
  readonly emergency: string[] | null;
  readonly emergency_ends: number | null;
  readonly policy: AccessPolicy;
  readonly state_codes: string[] | null;
  readonly global_state_codes: string[] | null;
  readonly patient: string | null;
  readonly encounter: string | null;
}

interface Loaded {
  readonly row: TokenRow;
  readonly until: number;
}

/** A token whose client or user is gone or disabled, or whose policy or session is, finds nothing. */
const TOKEN_SQL = `
  select o.model, o.payload->>'clientId' as client_id, o.payload->>'scope' as scope,
    (extract(epoch from o.expires_at) * 1000)::float8 as expires_at, o.grant_id,
    u.id as user_id, u.fhir_user, u.organization,
    coalesce(u.clearance, array(select jsonb_array_elements_text(c.document->'clearance'))) as clearance,
    c.document->'stateCodes' as state_codes, c.document->'globalStateCodes' as global_state_codes,
    p.document as policy, g.patient, g.encounter, e.patients as emergency, e.ends as emergency_ends
  from auth.oidc o
  join auth.clients c on c.client_id = o.payload->>'clientId'
  left join auth.users u on u.id::text = o.payload->>'accountId'
  join auth.access_policy p on p.name = case o.model when 'ClientCredentials' then 'client' else u.role end
  left join auth.grant_context g on g.grant_id = o.grant_id
  left join lateral (
    select array_agg(distinct patient) as patients, (extract(epoch from min(ends_at)) * 1000)::float8 as ends
    from access.emergency where user_id = u.id and ends_at > now()
  ) e on true
  where o.model in ('AccessToken', 'ClientCredentials') and o.id = $1 and o.payload->>'aud' = $2 and ${IS_ALIVE}`;

export interface TokenVerifier {
  /**
   * To be called before a request is answered that may have taken rights away: what is kept is not used until everything that was
   * committed before has been heard.
   */
  doubt(): void;
  /** Throws FhirError 401 with a challenge. */
  authenticate(authorization: string | undefined): Promise<Principal>;
  close(): void;
}

/** @param copies what processes share of it */
export async function createTokenVerifier(
  pool: Pool,
  audience: string,
  copies?: SharedCopies,
): Promise<TokenVerifier> {
  const kept = new Map<string, { principal: Principal; until: number }>();
  // A change that comes while a token is being loaded must not be overtaken by what was loaded before it.
  let generation = 0;
  let doubts = 0;
  const hearing = await hearChanges(pool, 'auth_changed', () => {
    generation += 1;
    kept.clear();
    copies?.forget();
  });
  const isCertain = (since: number): boolean => hearing.isHearing() && since === generation && doubts === 0;
  /** From a copy of another process, where there is one that nothing speaks against; else from the database. */
  async function load(key: string, since: number): Promise<Loaded> {
    const found = copies && isCertain(since) ? await copies.find(key) : undefined;
    // A change may have been heard meanwhile.
    if (found?.copy !== undefined && isCertain(since))
      return {
        row: JSON.parse(found.copy.text) as TokenRow,
        until: Math.min(found.copy.until, Date.now() + KEPT_MS),
      };
    const row = await loadToken(pool, key, audience);
    const until = Math.min(row.expires_at, row.emergency_ends ?? Infinity, Date.now() + KEPT_MS);
    if (found !== undefined) void copies?.keep(key, found.epoch, { text: JSON.stringify(row), until });
    return { row, until };
  }
  return {
    doubt() {
      doubts += 1;
      void hearing.catchUp().then(() => {
        doubts -= 1;
      });
    },
    async authenticate(authorization) {
      if (authorization === undefined) throw unauthorized('An access token is required');
      const token = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(authorization)?.[1];
      if (token === undefined) throw unauthorized('The Authorization header must be "Bearer <token>"');
      const key = secretHash(token);
      const known = kept.get(key);
      if (known !== undefined && known.until > Date.now() && doubts === 0) return known.principal;
      const before = generation;
      const { row, until } = await load(key, before);
      const principal = principalOf(row);
      if (kept.size >= KEPT_MAX) kept.clear();
      // Without a connection that hears, a revocation could go unnoticed: then every request asks the database.
      if (hearing.isHearing() && before === generation) kept.set(key, { principal, until });
      return principal;
    },
    close: () => hearing.close(),
  };
}

/** Throws FhirError 401. */
async function loadToken(pool: Pool, key: string, audience: string): Promise<TokenRow> {
  const values = [key, audience];
  const { rows } = await pool.query<TokenRow>({ name: 'token_load', text: TOKEN_SQL, values });
  const row = rows[0];
  if (row === undefined || (row.model === 'AccessToken' && row.user_id === null))
    throw unauthorized(
      'The access token is unknown, expired or revoked',
      'Bearer error="invalid_token", error_description="unknown, expired or revoked"',
    );
  return row;
}

function principalOf(row: TokenRow): Principal {
  const adminScopes = (row.scope ?? '').split(' ').filter(isAdminScope);
  const accountScopes = ACCOUNT_SCOPES.filter((scope) => (row.scope ?? '').split(' ').includes(scope));
  return {
    kind: row.model === 'ClientCredentials' ? 'client' : 'user',
    clientId: row.client_id,
    scopes: (row.scope ?? '').split(' ').flatMap((text) => parseScope(text) ?? []),
    policy: row.policy,
    ...(adminScopes.length === 0 ? {} : { adminScopes }),
    ...(accountScopes.length === 0 ? {} : { accountScopes }),
    ...(row.user_id === null ? {} : { userId: row.user_id }),
    ...(row.grant_id === null ? {} : { grantId: row.grant_id }),
    ...(row.fhir_user === null ? {} : { fhirUser: row.fhir_user }),
    ...(row.organization === null ? {} : { organization: row.organization }),
    ...(row.clearance === null ? {} : { clearance: row.clearance }),
    ...(row.emergency === null ? {} : { emergency: row.emergency }),
    ...(row.state_codes === null ? {} : { stateCodes: row.state_codes }),
    ...(row.global_state_codes === null ? {} : { globalStateCodes: row.global_state_codes }),
    ...(row.patient === null ? {} : { patient: row.patient }),
    ...(row.encounter === null ? {} : { encounter: row.encounter }),
  };
}
