/** What a search asks for, parsed and checked: the input of storage. https://hl7.org/fhir/R4/search.html */
import type { OperationOutcomeIssue } from '@medplum/fhirtypes';
import type { Expression } from './expression.ts';

/** A search as understood: what `parse-search.ts` makes of a type and its query string. */
export interface SearchRequest {
  readonly resourceType: string;
  readonly filter: Expression;
  /** In order of precedence; the id is always the last tie-breaker and is not listed. Empty: order by id. */
  readonly sort: readonly SortKey[];
  /** Page size, already limited to the configured maximum. */
  readonly count: number;
  /** `count`: answer only with the number of matches. */
  readonly summary: Summary;
  /** `_elements`: names of top-level elements to return. */
  readonly elements?: readonly string[];
  readonly total: 'none' | 'estimate' | 'accurate';
  readonly includes: readonly Include[];
  readonly revincludes: readonly Include[];
  /** What was understood, for the self link: decoded names and values in the order in which they were given. */
  readonly understood: readonly (readonly [name: string, value: string])[];
  /** Parameters that were ignored (lenient handling), to be sent as an outcome entry. */
  readonly warnings: readonly OperationOutcomeIssue[];
}

/** https://hl7.org/fhir/R4/search.html#summary */
export type Summary = 'false' | 'count' | 'true' | 'text' | 'data';

/** https://hl7.org/fhir/R4/search.html#include */
export interface Include {
  /** `*` for any type. */
  readonly sourceType: string;
  /** `*` for all reference parameters of the type. */
  readonly param: string;
  readonly targetType?: string;
  /** Whether it also applies to what was included. */
  readonly iterate: boolean;
}

export interface SortKey {
  /** A SearchParameter code of a sortable type, or `_id`, `_lastUpdated`. */
  readonly param: string;
  /** `range` and `string` are indexed; `path` is read from the resource's JSON; `rank` is how well a text matches. */
  readonly type: 'id' | 'lastUpdated' | 'range' | 'string' | 'path' | 'rank';
  readonly descending: boolean;
  /** Of `range` and `string`: parameters that keep the values, several where the parameter is their union. */
  readonly of?: readonly string[];
  /** Of `path`: SQL/JSON paths to the elements. */
  readonly paths?: readonly string[];
  /** Of `rank`: what is sought. */
  readonly words?: Words;
}

export type Words = Expression & { readonly kind: 'words' };
