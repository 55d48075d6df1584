/** What a profile refers to, and its compilation therefore needs. https://hl7.org/fhir/R4/structuredefinition.html */
import type { StructureDefinition } from '@medplum/fhirtypes';

export interface Dependencies {
  /** Canonicals of StructureDefinitions. */
  readonly structures: ReadonlySet<string>;
  /** Canonicals of value sets to which codes are bound. */
  readonly valueSets: ReadonlySet<string>;
}

/** Of the definition itself; what these refer to is not among it. */
export function dependenciesOf({
  snapshot,
  differential,
  baseDefinition,
}: StructureDefinition): Dependencies {
  const structures = new Set<string>();
  const valueSets = new Set<string>();
  const own = snapshot?.element?.length ? snapshot.element : differential?.element;
  if (!snapshot?.element?.length && baseDefinition !== undefined) structures.add(baseDefinition);
  for (const { type = [], binding } of own ?? []) {
    for (const { profile = [], targetProfile = [] } of type)
      for (const canonical of [...profile, ...targetProfile]) structures.add(canonical);
    if (binding?.valueSet === undefined) continue;
    if (binding.strength === 'required' || binding.strength === 'extensible') valueSets.add(binding.valueSet);
    for (const { valueCanonical } of binding.extension ?? [])
      if (valueCanonical !== undefined) valueSets.add(valueCanonical);
  }
  return { structures, valueSets };
}
