/** Tokens issued, renewed, taken back and refused, for the audit. */
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { AuditLog } from '../audit/index.ts';
import { clientAddress } from '../platform/client-address.ts';
import type { Config } from '../platform/config.ts';
import { noteSecurityEvent, type SecurityEvent } from './security-event.ts';

/** Words of the library that tell of a second use. */
const REUSED: Readonly<Record<string, string>> = {
  'refresh token already used': 'a refresh token was used a second time: its grant has ended',
  'authorization code already consumed': 'an authorization code was used a second time: its grant has ended',
};

const GRANTS: Readonly<Record<string, string>> = {
  authorization_code: 'token issued for an authorization code',
  refresh_token: 'token issued for a refresh token',
  client_credentials: 'token issued to a client',
};

/** Codes of OAuth and of nobody else, so that nothing typed gets into the audit. */
const CODES = [
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'invalid_scope',
  'invalid_target',
  'unauthorized_client',
  'unsupported_grant_type',
  'server_error',
];

/** Resolves when the caller may be answered. */
export async function noteTokenEvent(
  { audit, config }: { readonly audit: Pick<AuditLog, 'note'>; readonly config: Config },
  ctx: KoaContextWithOIDC,
  failure: Error | undefined,
): Promise<void> {
  const event = eventOf(ctx, failure);
  if (event === undefined) return;
  const address = clientAddress(ctx.req, config.account.trustedProxies);
  await noteSecurityEvent(audit, { ...event, agent: { ...agentOf(ctx), address } });
}

function eventOf(
  { path, status, body, oidc }: KoaContextWithOIDC,
  failure: Error | undefined,
): Omit<SecurityEvent, 'agent'> | undefined {
  const { error } = (body ?? {}) as { error?: string };
  if (status !== 200) {
    const reused = REUSED[(failure as { error_detail?: string } | undefined)?.error_detail ?? ''];
    if (reused !== undefined) return { code: 'alert', outcome: '4', reason: reused };
    const code = CODES.find((known) => known === error) ?? 'refused';
    const where = path === '/token' ? 'no token issued' : path === '/revoke' ? 'not revoked' : 'not told';
    return { code: 'token', outcome: '4', reason: `${where}: ${code}` };
  }
  if (path === '/token')
    return {
      code: 'token',
      outcome: '0',
      reason: GRANTS[String(oidc.params?.['grant_type'])] ?? 'token issued',
    };
  const { AccessToken, ClientCredentials, RefreshToken } = oidc.entities;
  const token = AccessToken ?? ClientCredentials ?? RefreshToken;
  if (token === undefined) return undefined;
  const isOwn = token.clientId === oidc.client?.clientId;
  if (path === '/revoke')
    return {
      code: 'access-revoked',
      outcome: isOwn ? '0' : '4',
      reason: isOwn ? 'token revoked by its client' : 'a token of another client was not revoked',
    };
  const isTold = (body as { active?: boolean }).active === true;
  return isTold ? undefined : { code: 'alert', outcome: '4', reason: INTROSPECTION_REFUSED };
}

export const INTROSPECTION_REFUSED = 'introspection of a token of another client refused';

function agentOf({ oidc }: KoaContextWithOIDC): SecurityEvent['agent'] {
  const { Account, AccessToken, RefreshToken } = oidc.entities;
  const clientId = oidc.client?.clientId;
  const userId = Account?.accountId ?? AccessToken?.accountId ?? RefreshToken?.accountId;
  return { clientId, userId };
}
