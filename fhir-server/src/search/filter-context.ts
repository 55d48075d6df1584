/** What every step of parsing a search needs to know. */
import { FhirError, forbidden, issue } from '../fhir/outcome.ts';
import type { Expression } from './expression.ts';
import type { SearchLimits } from './limits.ts';
import type { SearchParameterRegistry, SupportedParameter } from './search-parameter-registry.ts';

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
  readonly isHidden?: HiddenTest;
}

/** Whether a search by the parameter, or for words, would tell the caller what is hidden from him. */
export type HiddenTest = (resourceType: string, parameter: SupportedParameter | 'words') => boolean;

/** The parameter by its code; undefined where there is none. Throws 403 for one that would tell what is hidden. */
export function seekParameter(
  resourceType: string,
  code: string,
  { registry, isHidden }: Pick<FilterContext, 'registry' | 'isHidden'>,
): SupportedParameter | undefined {
  const parameter = registry.get(resourceType, code);
  if (parameter && isHidden?.(resourceType, parameter) === true) throw hidden(resourceType, code);
  return parameter;
}

export const hidden = (resourceType: string, code: string): FhirError =>
  forbidden(`You may not search ${resourceType} by ${code}`, code);

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
