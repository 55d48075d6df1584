/** The audit of administration: written in the transaction of the change, so that there is none without its record. */
import { writeRecords, type AuditRecord, type SecurityCode } from '../audit/index.ts';
import type { Queryable } from '../db/index.ts';
import type { Administrator } from './administrator.ts';

/** `what` names the object by its id or checked name; nothing that is secret, and no free text of a caller. */
export async function recordChange(
  db: Queryable,
  by: Administrator,
  change: { readonly code: SecurityCode; readonly action: AuditRecord['action']; readonly what: string },
): Promise<void> {
  const { code, action, what: reason } = change;
  await writeRecords(db, [
    { at: Date.now(), kind: 'security', code, action, outcome: '0', reason, agent: by.agent, touched: [] },
  ]);
}
