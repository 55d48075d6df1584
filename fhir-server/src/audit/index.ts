/** The face of audit: records of accesses and security events, and the AuditEvents that are made of them. */
export { type AuditLog, createAuditLog, NO_AUDIT, writeRecords } from './audit-log.ts';
export type { AuditAgent, AuditRecord, Outcome, RestCode, SecurityCode, Touched } from './audit-record.ts';
export { readEvents } from './retention.ts';
export { startSealing } from './run.ts';
export { Trail } from './trail.ts';
export { type ChainReport, verifyChain } from './verify.ts';
