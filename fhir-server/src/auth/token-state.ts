/** When a token is good: the one condition that the token endpoint, introspection and the FHIR API share. */

/**
 * On a row `o` of auth.oidc. A token without offline_access ends with the session in which it was allowed; one of a
 * disabled account, or of a client that is gone, with these. Rows of other kinds only expire.
 */
export const IS_ALIVE = `o.expires_at > now()
  and (not o.payload ? 'clientId' or exists (select from auth.clients c where c.client_id = o.payload->>'clientId'))
  and (o.model not in ('AccessToken', 'RefreshToken', 'AuthorizationCode') or exists (
    select from auth.users u where u.id::text = o.payload->>'accountId' and not u.disabled))
  and ((o.payload->'expiresWithSession') is distinct from 'true'::jsonb or exists (
    select from auth.oidc s where s.model = 'Session' and s.uid = o.payload->>'sessionUid' and s.expires_at > now()
      and s.payload->>'accountId' = o.payload->>'accountId'))`;
