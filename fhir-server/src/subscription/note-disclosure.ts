/** What left for an endpoint, told to the audit as an access of the Subscription's author. */
import type { Principal } from '../access/index.ts';
import type { AuditLog } from '../audit/index.ts';

export type Audit = Pick<AuditLog, 'note'>;

export interface Disclosure {
  readonly subscriptionId: string;
  /** As the endpoint is told it: by it the AuditEvents of one attempt are known. */
  readonly eventId: string;
  /** With whose rights. */
  readonly principal: Principal | undefined;
  /** `Type/id` of each resource whose content was sent. */
  readonly resources: readonly string[];
  /** Otherwise it may have arrived all the same. */
  readonly isTaken: boolean;
}

/** Nothing where no content was sent. What is answered is to be waited for, as AuditLog has it. */
export function noteDisclosure(audit: Audit, disclosure: Disclosure): Promise<void> | undefined {
  const { subscriptionId, eventId, principal, resources, isTaken } = disclosure;
  if (resources.length === 0) return undefined;
  return audit.note({
    at: Date.now(),
    kind: 'rest',
    code: 'operation',
    action: 'E',
    operation: 'rest-hook',
    outcome: isTaken ? '0' : '4',
    // Words of an endpoint may tell where it is.
    reason: isTaken ? undefined : 'sent, and not confirmed by the endpoint',
    agent: {
      clientId: principal?.clientId,
      userId: principal?.userId,
      fhirUser: principal?.fhirUser,
    },
    requestId: eventId,
    purpose: (principal?.emergency?.length ?? 0) > 0 ? 'BTG' : undefined,
    touched: [...new Set([...resources, `Subscription/${subscriptionId}`])].map((name) => [name]),
  });
}
