/** `:in` and `:not-in`: which codes a value set stands for in a search (https://hl7.org/fhir/R4/search.html#modifiers). */
import { size } from './code-set.ts';
import { Composer } from './compose.ts';
import { TERMINOLOGY_LIMITS, type TerminologyLimits } from './limits.ts';
import { tooManyCodes } from './refusals.ts';
import { Reader, type TerminologySource } from './source.ts';

export interface SearchExpansion {
  readonly codes: readonly { readonly system: string; readonly code: string }[];
  /** Code systems that are in it as a whole, because their codes cannot be listed here. */
  readonly systems: readonly string[];
}

/**
 * `canonical`: with or without `|version`, or `ValueSet/id`.
 *
 * Throws 400: `not-found` for a value set, or for a code system whose content is needed, that is neither the caller's nor the
 * standard's; `too-costly` beyond the limits; `not-supported` and `invalid` for a definition that cannot be worked out.
 */
export async function expandForSearch(
  source: TerminologySource,
  canonical: string,
  limits: TerminologyLimits = TERMINOLOGY_LIMITS,
): Promise<SearchExpansion> {
  const set = await new Composer(new Reader(source, canonical, limits)).valueSet(canonical);
  if (size(set) > limits.codes) throw tooManyCodes(`The value set ${canonical}`, limits);
  return {
    codes: [...set.codes].flatMap(([system, codes]) => [...codes].map((code) => ({ system, code }))),
    systems: [...set.whole],
  };
}
