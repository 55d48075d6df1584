/** Filters that a code system gives a meaning of its own → filters by the properties that its loader wrote. */
import type { ValueSetComposeIncludeFilter } from '@medplum/fhirtypes';

type Filter = ValueSetComposeIncludeFilter;

const OF_SYSTEM: Readonly<Record<string, (filter: Filter) => Filter>> = {
  // `concept` in a reference set: https://hl7.org/fhir/R4/snomedct.html#filters
  'http://snomed.info/sct': (filter) =>
    filter.property === 'concept' && filter.op === 'in' ? { ...filter, property: 'refset' } : filter,
  // Relations lead to `CUI:<rxcui>`: https://hl7.org/fhir/R4/rxnorm.html
  'http://www.nlm.nih.gov/research/umls/rxnorm': (filter) => ({
    ...filter,
    value: filter.value.replaceAll(/(?<=^|,)\s*CUI:/g, ''),
  }),
};

export const plainFilter = (url: string, filter: Filter): Filter => OF_SYSTEM[url]?.(filter) ?? filter;
