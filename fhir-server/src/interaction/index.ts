/** The face of interaction: what a FHIR request can ask for, without HTTP. */
export { etag, versionHeaders, versionUrl, type Answer, type ReturnPreference } from './answer.ts';
export { createAccessCheck } from './access-check.ts';
export { batch } from './batch.ts';
export { bundleEntries } from './bundle-entry.ts';
export { capabilityStatement } from './capabilities.ts';
export { findIncludes } from './include.ts';
export { disclose, discloseVersion, hiddenTest } from './disclose.ts';
export { createConsentRule, readOldConsents } from './consent-rule.ts';
export { createChartAccess, type ChartAccess } from './chart-access.ts';
export { checkProfiles, isStandardType, profileIssues } from './check-profiles.ts';
export { checkResource } from './check-resource.ts';
export { create } from './create.ts';
export { deleteResource } from './delete.ts';
export { commitWrites } from './commit-writes.ts';
export { allowedMethods, dispatch, type Call } from './dispatch.ts';
export { decodeCursor, encodeCursor } from './page-cursor.ts';
export { patch } from './patch.ts';
export { JSON_PATCH, type SentPatch } from './patch-document.ts';
export { examine } from './examine.ts';
export { permit, permitted, unknownResource } from './permit.ts';
export { integrityIssues } from './referential-integrity.ts';
export { checkStored, isUnchanged, loadCurrent } from './read.ts';
export { accessOf, audited } from './record-access.ts';
export { NO_PROFILES } from './server.ts';
export type {
  Operation,
  OperationCall,
  ProfileLookup,
  Request,
  Server,
  WriteRule,
  Written,
} from './server.ts';
export type { PlannedWrite } from './plan-version.ts';
export { holdConditions } from './condition.ts';
export { parseTarget, type Target } from './target.ts';
export { terminologyCapabilities } from './terminology-capabilities.ts';
export { serverTerminology, storedStructureDefinition, terminologySource } from './terminology-source.ts';
export { transaction } from './transaction.ts';
export { checkBodyId, parseIfNoneMatch, update } from './update.ts';
export { loadVersion, mayReadVersions } from './vread.ts';
export { inWriteTransaction } from './write-transaction.ts';
export { type Compartment, compartmentFilter, compartmentTypes } from './compartment.ts';
export { resolveSearch } from './resolve-search.ts';
export { type FoundPage, PageLinks, parseFor, searchAnswer } from './search-page.ts';
export { findPage } from './search-type.ts';
export { type Entry, searchsetText } from './searchset.ts';
export { withRelationTo } from './shared-relation.ts';
export { shaper } from './shape-resource.ts';
export { readStale, seenBy } from './stale-read.ts';
