/** A concept as terminology operations tell of it, whatever its code system is kept in. https://hl7.org/fhir/R4/codesystem.html#concept */
import type { CodeSystemConceptDesignation, CodeSystemConceptProperty } from '@medplum/fhirtypes';

export interface Concept {
  readonly code: string;
  readonly display?: string | undefined;
  readonly definition?: string | undefined;
  readonly inactive: boolean;
  /** There to group others, and not to be used in a record (`notSelectable`). */
  readonly abstract: boolean;
  readonly designations: readonly CodeSystemConceptDesignation[];
  /** Without parents and children. */
  readonly properties: readonly ConceptProperty[];
}

/** With `description` the value in words, with `of` what it consists of. */
export type ConceptProperty = CodeSystemConceptProperty & {
  readonly description?: string;
  readonly of?: readonly CodeSystemConceptProperty[];
};

/** What stands directly above and below. */
export interface Neighbours {
  readonly parents: readonly string[];
  readonly children: readonly string[];
}

/** https://hl7.org/fhir/R4/valueset-concept-subsumption-outcome.html */
export type Subsumption = 'equivalent' | 'subsumes' | 'subsumed-by' | 'not-subsumed';
