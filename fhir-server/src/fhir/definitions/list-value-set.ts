/** The codes of value sets that need no more than lists: whole code systems, listed concepts, and other such value sets. */
import type { CodeSystem, CodeSystemConcept, ValueSet, ValueSetComposeInclude } from '@medplum/fhirtypes';

/** Code system → codes. */
export type Codes = Map<string, Set<string>>;

export interface ListSource {
  valueSet(canonical: string): ValueSet | undefined;
  codeSystem(url: string): CodeSystem | undefined;
}

/** Undefined where the codes cannot be listed from the definitions alone: filters, excludes, external systems. */
export function listValueSet(url: string, source: ListSource): Codes | undefined {
  const compose = source.valueSet(url)?.compose;
  if (compose === undefined || compose.exclude !== undefined) return undefined;
  const codes: Codes = new Map();
  for (const include of compose.include) {
    const found = listInclude(include, source);
    if (found === undefined) return undefined;
    for (const [system, of] of found) codes.set(system, new Set([...(codes.get(system) ?? []), ...of]));
  }
  return codes;
}

function listInclude(include: ValueSetComposeInclude, source: ListSource): Codes | undefined {
  if (include.filter !== undefined) return undefined;
  if (include.system === undefined) {
    const [only, ...more] = include.valueSet ?? [];
    return only === undefined || more.length > 0 ? undefined : listValueSet(only.split('|')[0]!, source);
  }
  if (include.valueSet !== undefined) return undefined;
  if (include.concept !== undefined)
    return new Map([[include.system, new Set(include.concept.map((c) => c.code ?? ''))]]);
  const system = source.codeSystem(include.system);
  if (system?.content !== 'complete') return undefined;
  return new Map([[include.system, new Set(allCodes(system.concept ?? []))]]);
}

const allCodes = (concepts: readonly CodeSystemConcept[]): string[] =>
  concepts.flatMap((c) => [c.code ?? '', ...allCodes(c.concept ?? [])]);
