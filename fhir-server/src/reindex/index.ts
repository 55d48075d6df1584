/** Search parameters added at run time, and the indexing of what was stored before them. */
export { createRegistry } from './custom-parameters.ts';
export { followParameters, type ParameterFollower } from './follow.ts';
export { findWaitingJob, insertJob, listJobs, loadJob, type Job } from './job-store.ts';
export { startReindex, type RunningReindex } from './run.ts';
export { createSearchParameterRule } from './search-parameter-rule.ts';
export { startUpkeep, type RunningUpkeep } from './upkeep.ts';
