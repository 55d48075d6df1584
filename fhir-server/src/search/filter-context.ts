/** What every step of parsing a search needs to know. */
import { FhirError, issue } from '../fhir/outcome.ts';
import type { Expression } from './expression.ts';
import type { SearchLimits } from './limits.ts';
import type { SearchParameterRegistry } from './search-parameter-registry.ts';

export interface FilterContext {
  readonly registry: SearchParameterRegistry;
  /** The FHIR base without a trailing slash. */
  readonly baseUrl: string;
  /** Milliseconds since the epoch; `ap` on dates widens with the distance to it. */
  readonly now: number;
  readonly limits: SearchLimits;
  /** Matched in memory only: parameters that are still being indexed will do. */
  readonly inMemory?: boolean;
  /** Part of a right: where it is looked up, the type as a whole is checked (interaction/permit.ts). */
  readonly isRight?: boolean;
  /** Within `_filter`, whose operators are more than there are prefixes and modifiers. */
  readonly isFilter?: boolean;
}

/** parse-filter.ts, for what is parsed within a parameter. */
export type ParseFilter = (
  resourceType: string,
  name: string,
  value: string,
  context: FilterContext,
) => Expression | undefined;

/** Throws 503 for a parameter whose values are still being indexed. */
export function checkReady(
  resourceType: string,
  code: string,
  { registry, inMemory, isRight }: Pick<FilterContext, 'registry' | 'inMemory' | 'isRight'>,
): void {
  if (inMemory === true || registry.isReady(resourceType, code)) return;
  if (isRight === true && registry.isParameterReady(resourceType, code)) return;
  const text = `Search parameter ${code} of ${resourceType} is being indexed and cannot be searched by yet.`;
  throw new FhirError(503, [issue('transient', text, code)], { 'Retry-After': '5' });
}
