/** The face of terminology: what value sets contain, what codes mean, and what stands above and below them. */
export { Bindings, type Binding, type BindingVerdict } from './bindings.ts';
export { closureMap, relationsOf } from './closure.ts';
export {
  type ClosureKey,
  type ClosureRelation,
  countClosures,
  extendClosure,
  loadConcepts,
  loadRelations,
  lockClosure,
  resetClosure,
} from './closure-store.ts';
export type { CodeSystemContent, Selection, SelectPage } from './code-system-content.ts';
export { Composer } from './compose.ts';
export type { Concept, ConceptProperty, Neighbours, Subsumption } from './concept.ts';
export type { ConceptSet } from './concept-set.ts';
export { expand, type ExpandQuery } from './expand.ts';
export { expandForSearch, type SearchExpansion, type SystemCodes } from './expand-for-search.ts';
export { findConceptMap, findConceptMaps } from './find-concept-map.ts';
export { GRAMMAR_SYSTEMS } from './grammar-content.ts';
export { TERMINOLOGY_LIMITS, type TerminologyLimits } from './limits.ts';
export { checkCodes, lookup, type LookupQuery } from './lookup.ts';
export { Reader, type ReaderOptions, type SystemVersions, type TerminologySource } from './source.ts';
export { codesAbove, codesBelow } from './subsumption.ts';
export { type Dependency, translate, type TranslateQuery } from './translate.ts';
export {
  type CodeQuery,
  validateInCodeSystem,
  validateInValueSet,
  type Verdict,
  verdictParameters,
} from './validate-code.ts';
export {
  codeSystemResource,
  loadCodeSystem,
  LOADERS,
  LoadError,
  type LoadProgress,
  openRelease,
} from './load/index.ts';
export {
  ConceptWriter,
  findTable,
  listTables,
  removeTable,
  type NewCodeSystem,
  type NewConcept,
  type NewDesignation,
  type NewParent,
  type NewProperty,
  type Piece,
} from './store/index.ts';
