/** The face of interaction: what a FHIR request can ask for, without HTTP. */
export { etag, versionHeaders, versionUrl, type Answer, type ReturnPreference } from './answer.ts';
export { batch } from './batch.ts';
export { bundleEntries } from './bundle-entry.ts';
export { capabilityStatement } from './capabilities.ts';
export { createChartAccess, type ChartAccess } from './chart-access.ts';
export { checkResource } from './check-resource.ts';
export { commitWrites } from './commit-writes.ts';
export { dispatch, type Call } from './dispatch.ts';
export { historySystem } from './history-type.ts';
export { permit, unknownResource } from './permit.ts';
export { loadCurrent } from './read.ts';
export type { Request, Server, WriteRule } from './server.ts';
export { parseTarget, type Target } from './target.ts';
export { transaction } from './transaction.ts';
export { checkBodyId } from './update.ts';
export { inWriteTransaction } from './write-transaction.ts';
