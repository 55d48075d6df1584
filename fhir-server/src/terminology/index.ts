/** The face of terminology: which codes a value set stands for, and what stands above and below a code. */
export { expandForSearch, type SearchExpansion } from './expand-for-search.ts';
export { TERMINOLOGY_LIMITS, type TerminologyLimits } from './limits.ts';
export type { TerminologySource } from './source.ts';
export { codesAbove, codesBelow } from './subsumption.ts';
