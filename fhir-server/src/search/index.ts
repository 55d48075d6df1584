/** The face of search: queries and resources → expressions and index rows. Pure. */
export { checkSearchParameter, type SearchParameterLimits } from './check-search-parameter.ts';
export * from './expression.ts';
export * from './index-row.ts';
export type { Extractor } from './compile-extractors.ts';
export { EARTH_RADIUS_KM, KM_PER_DEGREE } from './distance.ts';
export { extractIndex, type ExtractContext } from './extract-index.ts';
export type { HiddenTest } from './filter-context.ts';
export { SEARCH_LIMITS, type SearchLimits } from './limits.ts';
export { type Candidate, matches } from './match.ts';
export { normaliseString } from './normalise-string.ts';
export { LINKS, linkParameter, type ParameterForm } from './parameter-form.ts';
export { canonicalParam } from './parameter/quantity.ts';
export { type LocalReference, localReference, referenceText } from './parameter/reference.ts';
export { latitudeOf, longitudeOf } from './parameter/special.ts';
export { tokensBySystem, type TokensBySystem } from './parse-token.ts';
export { checkQuery, parseQuery } from './parse-query.ts';
export { parseConditions, parseSearch, type ParseSearchOptions } from './parse-search.ts';
export type { Include, SearchRequest, SortKey, Summary } from './search-request.ts';
export {
  type Compartment,
  SearchParameterRegistry,
  type SearchParameterSource,
  type SupportedParameter,
} from './search-parameter-registry.ts';
