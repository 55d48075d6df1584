/** What log-in and account pages work with. */
import type Provider from 'oidc-provider';
import type { Request } from 'express';
import type { AuditAgent, AuditLog, Outcome, SecurityCode } from '../../audit/index.ts';
import type { Pool } from '../../db/index.ts';
import { clientAddress } from '../../platform/client-address.ts';
import type { Config } from '../../platform/config.ts';
import { noteSecurityEvent } from '../security-event.ts';
import type { FederationClient } from './identity-provider.ts';
import type { LoginLimits } from './login-limits.ts';
import type { PasswordPolicy } from './password-policy.ts';
import type { RelyingParty } from './passkeys.ts';
import type { SecretBox } from '../../platform/secret-box.ts';

export interface AccountServices {
  readonly provider: Provider;
  readonly pool: Pool;
  readonly config: Config;
  readonly audit: Pick<AuditLog, 'note'>;
  readonly limits: LoginLimits;
  readonly passwords: PasswordPolicy;
  readonly federation: FederationClient;
  readonly box: SecretBox;
}

/** What follows a session; each provider of the library has the same. */
export type SessionServices = Omit<AccountServices, 'provider'>;

export const relyingParty = ({ pool, config }: AccountServices): RelyingParty => ({
  pool,
  origin: config.baseUrl,
});

export interface AccountEvent {
  readonly code: SecurityCode;
  readonly outcome: Outcome;
  readonly reason?: string;
  readonly clientId?: string;
  readonly user?: { readonly id: string; readonly fhirUser?: string } | undefined;
}

/** Tells the audit who did it, and from where. */
export function noteAccountEvent(
  { audit, config }: Pick<AccountServices, 'audit' | 'config'>,
  request: Request,
  { code, outcome, reason, clientId, user }: AccountEvent,
): Promise<void> {
  const agent: AuditAgent = {
    clientId,
    userId: user?.id,
    fhirUser: user?.fhirUser,
    address: clientAddress(request, config.account.trustedProxies),
  };
  return noteSecurityEvent(audit, { code, outcome, ...(reason === undefined ? {} : { reason }), agent });
}
