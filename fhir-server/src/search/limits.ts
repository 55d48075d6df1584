/** How much one search may ask for. Each is a setting, see docs/configuration.md. */
export interface SearchLimits {
  /** Parameters in one request. */
  readonly parametersMax: number;
  /** Comma-separated values of one parameter. */
  readonly orValuesMax: number;
  /** Steps of a chain or of nested `_has`. */
  readonly chainDepthMax: number;
  /** Nested parentheses and comparisons in one `_filter`. */
  readonly filterDepthMax: number;
  readonly filterTermsMax: number;
  /** Included resources on one page. */
  readonly includesMax: number;
  /** Rounds of `:iterate`. */
  readonly includeDepthMax: number;
}

export const SEARCH_LIMITS: SearchLimits = {
  parametersMax: 50,
  orValuesMax: 500,
  chainDepthMax: 4,
  filterDepthMax: 10,
  filterTermsMax: 50,
  includesMax: 1_000,
  includeDepthMax: 4,
};
