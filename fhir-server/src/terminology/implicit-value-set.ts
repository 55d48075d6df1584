/** Value sets that a code system defines without publishing them: https://hl7.org/fhir/R4/snomedct.html#implicit */
import type { ValueSet, ValueSetComposeInclude } from '@medplum/fhirtypes';

const SNOMED = 'http://snomed.info/sct';
const LOINC = 'http://loinc.org';

/** All of SNOMED CT, what a concept subsumes, and all of LOINC (https://hl7.org/fhir/R4/loinc.html#implicit). */
export function implicitValueSet(canonical: string): ValueSet | undefined {
  if (canonical === `${LOINC}/vs`) return valueSet(canonical, { system: LOINC });
  const [edition = '', query] = canonical.split('?fhir_vs');
  if (query === undefined || !edition.startsWith(SNOMED)) return undefined;
  if (query === '') return valueSet(canonical, { system: SNOMED });
  const concept = /^=isa\/(\d+)$/.exec(query)?.[1];
  return concept === undefined
    ? undefined
    : valueSet(canonical, {
        system: SNOMED,
        filter: [{ property: 'concept', op: 'is-a', value: concept }],
      });
}

const valueSet = (url: string, include: ValueSetComposeInclude): ValueSet => ({
  resourceType: 'ValueSet',
  status: 'active',
  url,
  compose: { include: [include] },
});
