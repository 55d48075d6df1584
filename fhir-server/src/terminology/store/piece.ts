/** What loaders hand over of a code system, piece by piece. https://hl7.org/fhir/R4/codesystem.html */
import type { CodeSystem, CodeSystemConceptDesignation, CodeSystemConceptProperty } from '@medplum/fhirtypes';

export type NewCodeSystem = Pick<CodeSystem, 'url' | 'content'> &
  Partial<Pick<CodeSystem, 'version' | 'name' | 'title' | 'caseSensitive' | 'hierarchyMeaning' | 'valueSet'>>;

export interface NewConcept {
  readonly code: string;
  readonly display?: string;
  readonly definition?: string;
  readonly inactive?: boolean;
  readonly abstract?: boolean;
}
export interface NewDisplay {
  readonly code: string;
  readonly display: string;
  /** Only where the concept has none. */
  readonly isLast?: boolean;
}
export interface NewDesignation extends CodeSystemConceptDesignation {
  readonly code: string;
}
export interface NewProperty {
  /** Of the concept. */
  readonly code: string;
  readonly property: CodeSystemConceptProperty;
}
export interface NewParent {
  readonly code: string;
  readonly parent: string;
}

/** What a piece of a file comes to; whatever comes in several pieces may be in any order. */
export interface Piece {
  /** In the order in which they are to be listed. A code that comes again is left out. */
  readonly concepts?: readonly NewConcept[];
  /** Displays of concepts that were written before, or are in this piece. */
  readonly displays?: readonly NewDisplay[];
  readonly designations?: readonly NewDesignation[];
  readonly properties?: readonly NewProperty[];
  /** Parents that the code system does not have are left out at the end. */
  readonly parents?: readonly NewParent[];
}

/** How far a load has come: so many records of its step. */
export interface Progress {
  readonly step: number;
  readonly records: number;
}
