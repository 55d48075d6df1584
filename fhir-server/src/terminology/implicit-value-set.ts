/** Value sets that a code system defines without publishing them. */
import type { ValueSet, ValueSetComposeInclude } from '@medplum/fhirtypes';

const SNOMED = 'http://snomed.info/sct';
const LOINC = 'http://loinc.org';
/** All of a code system is `<url>/vs`. */
const WHOLE = new Set([
  LOINC,
  'http://hl7.org/fhir/sid/icd-10-cm',
  'http://www.nlm.nih.gov/research/umls/rxnorm',
]);

export function implicitValueSet(canonical: string): ValueSet | undefined {
  const include = wholeSystem(canonical) ?? ofLoinc(canonical) ?? ofSnomed(canonical);
  return (
    include && { resourceType: 'ValueSet', status: 'active', url: canonical, compose: { include: [include] } }
  );
}

const wholeSystem = (canonical: string): ValueSetComposeInclude | undefined => {
  const system = canonical.slice(0, -'/vs'.length);
  return canonical.endsWith('/vs') && WHOLE.has(system) ? { system } : undefined;
};

/** The answers of a list, and what is below a part of the hierarchy. https://hl7.org/fhir/R4/loinc.html#implicit */
function ofLoinc(canonical: string): ValueSetComposeInclude | undefined {
  const code = /^http:\/\/loinc\.org\/vs\/(L[LP][\d-]+)$/.exec(canonical)?.[1];
  if (code === undefined) return undefined;
  return code.startsWith('LL')
    ? { system: LOINC, filter: [{ property: 'answers-for', op: '=', value: code }] }
    : { system: LOINC, filter: [{ property: 'concept', op: 'is-a', value: code }] };
}

/** All, what a concept subsumes and a reference set, of any edition or of one. https://hl7.org/fhir/R4/snomedct.html#implicit */
function ofSnomed(canonical: string): ValueSetComposeInclude | undefined {
  const [edition = '', query] = canonical.split('?fhir_vs');
  if (query === undefined || !edition.startsWith(SNOMED)) return undefined;
  const system = { system: SNOMED, ...(edition.includes('/version/') ? { version: edition } : {}) };
  if (query === '') return system;
  const [, kind, concept = ''] = /^=(isa|refset)\/(\d+)$/.exec(query) ?? [];
  if (kind === undefined) return undefined;
  return kind === 'isa'
    ? { ...system, filter: [{ property: 'concept', op: 'is-a', value: concept }] }
    : { ...system, filter: [{ property: 'refset', op: '=', value: concept }] };
}
