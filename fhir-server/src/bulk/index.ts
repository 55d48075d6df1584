/** The face of bulk: exports of many resources into files. https://hl7.org/fhir/uv/bulkdata/STU2/export.html */
export type { ExportFolder } from './export-folder.ts';
export { openExports } from './open-exports.ts';
export type { ExportFile, ExportJob, ExportRequest, Requester } from './export-job.ts';
export { defaultTypes, isPossibleType, NOT_EXPORTED } from './export-types.ts';
export { insertJob, listFiles, loadJob, removeJob } from './job-store.ts';
export { cancelJob, listJobs } from './list-jobs.ts';
export {
  exportRight,
  type LoadRequester,
  mayReadGroup,
  requesterOf,
  rightsDigest,
  seenOf,
} from './rights.ts';
export { type RunningBulk, startBulk } from './run.ts';
export { typeFilter } from './type-filter.ts';
