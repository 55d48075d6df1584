/** Security events of the authorization server, for the audit: who, what, how it went; never a secret. */
import type { AuditLog, AuditRecord, Outcome, SecurityCode, Touched } from '../audit/index.ts';

export interface SecurityEvent {
  readonly code: SecurityCode;
  /** Execution where none is given; C, U and D for changes of accounts, clients, policies and keys. */
  readonly action?: AuditRecord['action'];
  /** `4` for what was refused. */
  readonly outcome: Outcome;
  /** Words of ours; no secret, and nothing that a caller typed. */
  readonly reason?: string;
  readonly agent: AuditRecord['agent'];
  /** Whose record it is about, for launches and consents. */
  readonly touched?: readonly Touched[];
}

/** Resolves when the caller may be answered. */
export async function noteSecurityEvent(
  audit: Pick<AuditLog, 'note'>,
  { code, action = 'E', outcome, reason, agent, touched = [] }: SecurityEvent,
): Promise<void> {
  await audit.note({ at: Date.now(), kind: 'security', code, action, outcome, reason, agent, touched });
}
