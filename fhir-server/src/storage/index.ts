/** The face of storage: tables per type, versions in and out, search pages, events, binary content. */
export { announceContent, attachContent, findContent, writtenDigest } from './binary-content.ts';
export { type BinaryStore, BinaryTooLarge, type Measure, SourceBroken } from './binary-store.ts';
export { startBinaryUpkeep } from './binary-upkeep.ts';
export { abandonContent, findStrays } from './binary-remains.ts';
export { type MovedContent, moveContent } from './move-content.ts';
export { openBinaries } from './open-binaries.ts';
export { loadConsents, replaceConsentRules } from './consent-rules.ts';
export { decideCandidates, type Decider } from './decide-candidates.ts';
export { type Denials, followDenials } from './denials.ts';
export { createEventSignal } from './event-signal.ts';
export type { HistoryPeriod } from './history-period.ts';
export {
  countHistory,
  readHistory,
  type HistoryPosition,
  type HistorySource,
  type TypedVersion,
} from './read-history.ts';
export {
  type AsOfPage,
  type AsOfQuery,
  type AsOfVersion,
  contentsBefore,
  idsByKeys,
  matchingIds,
  readAsOf,
  storedKey,
} from './read-as-of.ts';
export { countEach, firstPages } from './first-pages.ts';
export { findPatients } from './find-patients.ts';
export { findTargets, holdTargets } from './hold-targets.ts';
export { labelsInUse } from './labels-in-use.ts';
export { sweepLabels } from './label-store.ts';
export { climbHierarchy } from './climb-hierarchy.ts';
export { hasChain, narrowChains } from './narrow-chains.ts';
export { isSelective } from './plan.ts';
export { countVersions, readContents, readCurrent, readVersion, readVersions } from './read-version.ts';
export { countContents, lockContents, rewriteIndex } from './rewrite-index.ts';
export { createResourceTables, type ResourceTables } from './resource-table.ts';
export {
  countMatches,
  estimateMatches,
  findIds,
  type Page,
  type PagePosition,
  type PageQuery,
  searchPage,
} from './search-resources.ts';
export { searchTypes, type TypedMatch, type TypedPage, type TypeSearch } from './search-types.ts';
export { type IdSet, readSets, walkTypes } from './walk-types.ts';
export { INDEX_FORM } from './table-definition.ts';
export type { SortValue } from './search-sql/index.ts';
export type { StoredVersion } from './stored-version.ts';
export { lockInTurn, lockVersions, type LockedVersion, knownIds } from './lock-versions.ts';
export { verifying } from './verify-content.ts';
export { writeVersions, type NewVersion } from './write-versions.ts';
