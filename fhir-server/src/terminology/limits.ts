/** How much one request may ask of terminology: what is too large is refused (https://hl7.org/fhir/R4/valueset-operation-expand.html). */

export interface TerminologyLimits {
  /** Codes that a value set, or a code with those above or below it, may come to in a search, and one page of an expansion. */
  readonly codes: number;
  /** Value sets and code systems that may be read for one request. */
  readonly resources: number;
  /** Concepts that may be looked at for one request: some tenths of a second. */
  readonly steps: number;
}

export const TERMINOLOGY_LIMITS: TerminologyLimits = { codes: 10_000, resources: 200, steps: 1_000_000 };
