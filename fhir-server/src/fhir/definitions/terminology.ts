/** The value sets and code systems that FHIR R4 publishes (https://hl7.org/fhir/R4/terminologies-systems.html), by canonical. */
import type { CodeSystem, ConceptMap, ValueSet } from '@medplum/fhirtypes';
import { generateTerminology } from './generate-terminology.ts';
import { type Codes, listValueSet } from './list-value-set.ts';
import { loadGenerated } from './load.ts';

/** To be raised when the compact form changes. */
const FORM = 3;

interface ByUrl {
  readonly valueSets: ReadonlyMap<string, readonly ValueSet[]>;
  readonly codeSystems: ReadonlyMap<string, readonly CodeSystem[]>;
  readonly conceptMaps: readonly ConceptMap[];
}

let loaded: ByUrl | undefined;

/** Read at the first use and not before: most processes never ask, and it takes some 70 ms. */
function standard(): ByUrl {
  if (loaded === undefined) {
    const { valueSets, codeSystems, conceptMaps } = loadGenerated('terminology', FORM, generateTerminology);
    loaded = {
      valueSets: Map.groupBy(valueSets, (v) => v.url ?? ''),
      codeSystems: Map.groupBy(codeSystems, (c) => c.url ?? ''),
      conceptMaps,
    };
  }
  return loaded;
}

/** A version that the canonical names has to be the published one. */
export function standardValueSet(canonical: string): ValueSet | undefined {
  const [url = '', version] = canonical.split('|');
  const found = standard().valueSets.get(url);
  return version === undefined ? found?.[0] : found?.find((v) => v.version === version);
}

/** The version that the canonical names, otherwise the published one: the standard itself names versions that it has not. */
export function standardCodeSystem(canonical: string): CodeSystem | undefined {
  const [url = '', version] = canonical.split('|');
  const found = standard().codeSystems.get(url);
  return found?.find((c) => c.version === version) ?? found?.[0];
}

export const standardConceptMaps = (): readonly ConceptMap[] => standard().conceptMaps;

/** Canonicals of the code systems whose concepts the standard publishes. */
export const standardCodeSystems = (): readonly CodeSystem[] => [...standard().codeSystems.values()].flat();

const listed = new Map<string, Codes | undefined>();

/** Code system → codes of any value set of the standard; undefined where they cannot be listed, or it is not of the standard. */
export function listedCodes(canonical: string): ReadonlyMap<string, ReadonlySet<string>> | undefined {
  if (listed.has(canonical)) return listed.get(canonical);
  const codes = listValueSet(canonical, { valueSet: standardValueSet, codeSystem: standardCodeSystem });
  // Others than the standard's own names would fill the memory.
  if (codes !== undefined || standardValueSet(canonical) !== undefined) listed.set(canonical, codes);
  return codes;
}

/** Canonicals of the published value sets. */
export const standardValueSets = (): readonly string[] => [...standard().valueSets.keys()];
