/** The face of search: queries and resources → expressions and index rows. Pure. */
export * from './expression.ts';
export * from './index-row.ts';
export type { SearchRequest, SortKey } from './search-request.ts';
export { extractIndex, type ExtractContext } from './extract-index.ts';
export { matches, type Candidate } from './match.ts';
export { normaliseString } from './normalise-string.ts';
export { OR_VALUES_MAX, PARAMETERS_MAX, parseSearch, type ParseSearchOptions } from './parse-search.ts';
export {
  type Compartment,
  type Extractor,
  SearchParameterRegistry,
  type SearchParameterSource,
  type SupportedParameter,
} from './search-parameter-registry.ts';
