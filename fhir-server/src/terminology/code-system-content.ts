/** What the terminology operations ask of a code system, be it a resource, a table or a grammar. https://hl7.org/fhir/R4/codesystem.html */
import type { CodeSystem } from '@medplum/fhirtypes';
import type { Concept, Neighbours, Subsumption } from './concept.ts';
import type { ConceptSet } from './concept-set.ts';

export interface CodeSystemContent {
  readonly url: string;
  readonly version?: string | undefined;
  readonly name?: string | undefined;
  readonly title?: string | undefined;
  /** Only of what is complete does a code that is not found not exist. */
  readonly content: CodeSystem['content'];
  readonly caseSensitive: boolean;
  readonly valueSet?: string | undefined;
  /** Concepts that are looked at one by one to work out a filter; 0 where an index finds them. */
  readonly size: number;
  /** Whether concepts can be listed; those of a grammar are without end. */
  readonly isListable: boolean;

  /** The concepts that are there, by the codes as they were given. */
  find(codes: readonly string[]): Promise<ReadonlyMap<string, Concept>>;
  neighbours(code: string): Promise<Neighbours>;
  /** One page, in the order of the set. Concepts that the system does not have are left out. */
  select(set: ConceptSet, page: SelectPage): Promise<Selection>;
  /** Those of the codes that are in the set. */
  members(set: ConceptSet, codes: readonly string[]): Promise<ReadonlySet<string>>;
  /** Both codes exist. */
  subsumption(a: string, b: string): Promise<Subsumption>;
  /** At most so many codes of the set. */
  list(set: ConceptSet, max: number): Promise<readonly string[]>;
  /** SQL for the codes of the set, where the concepts are in tables. */
  codesSql?(set: ConceptSet): { readonly text: string; readonly values: readonly unknown[] };
  /** The code itself and all above (below) it, at most `max + 1` of them. */
  reach(code: string, direction: 'above' | 'below', max: number): Promise<readonly string[]>;
}

export interface SelectPage {
  /** Words, each the beginning of a word of the display, of a designation or of the code. */
  readonly text?: string | undefined;
  readonly offset: number;
  readonly count: number;
}

export interface Selection {
  readonly total: number;
  readonly concepts: readonly Concept[];
}
