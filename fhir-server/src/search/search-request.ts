/** What a search asks for, parsed and checked: the input of storage. https://hl7.org/fhir/R4/search.html */
import type { OperationOutcomeIssue } from '@medplum/fhirtypes';
import type { Expression } from './expression.ts';

/** A search as understood: what `parse-query.ts` makes of a type and its query string. */
export interface SearchRequest {
  readonly resourceType: string;
  readonly filter: Expression;
  /** In order of precedence; the id is always the last tie-breaker and is not listed. Empty: order by id. */
  readonly sort: readonly SortKey[];
  /** Page size, already limited to the configured maximum. */
  readonly count: number;
  /** `count`: answer only with the number of matches. */
  readonly summary: 'false' | 'count';
  readonly total: 'none' | 'accurate';
  /** What was understood, for the self link: decoded names and values in the order in which they were given. */
  readonly understood: readonly (readonly [name: string, value: string])[];
  /** Parameters that were ignored (lenient handling), to be sent as an outcome entry. */
  readonly warnings: readonly OperationOutcomeIssue[];
}

export interface SortKey {
  /** A SearchParameter code of a sortable type, or `_id`, `_lastUpdated`. */
  readonly param: string;
  readonly type: 'id' | 'lastUpdated' | 'range' | 'string';
  readonly descending: boolean;
}
