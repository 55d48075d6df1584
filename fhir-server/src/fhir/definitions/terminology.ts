/** The value sets and code systems that FHIR R4 publishes (https://hl7.org/fhir/R4/terminologies-systems.html), by canonical. */
import type { CodeSystem, ValueSet } from '@medplum/fhirtypes';
import { generateTerminology } from './generate-terminology.ts';
import { loadGenerated } from './load.ts';

/** To be raised when the compact form changes. */
const FORM = 1;

interface ByUrl {
  readonly valueSets: ReadonlyMap<string, readonly ValueSet[]>;
  readonly codeSystems: ReadonlyMap<string, readonly CodeSystem[]>;
}

let loaded: ByUrl | undefined;

/** Read at the first use and not before: most processes never ask, and it takes some 40 ms. */
function standard(): ByUrl {
  if (loaded === undefined) {
    const { valueSets, codeSystems } = loadGenerated('terminology', FORM, generateTerminology);
    loaded = {
      valueSets: Map.groupBy(valueSets, (v) => v.url ?? ''),
      codeSystems: Map.groupBy(codeSystems, (c) => c.url ?? ''),
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
