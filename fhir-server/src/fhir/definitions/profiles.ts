/** The StructureDefinitions that FHIR R4 publishes (https://hl7.org/fhir/R4/profilelist.html), by canonical. */
import type { StructureDefinition } from '@medplum/fhirtypes';
import { generateProfiles } from './generate-profiles.ts';
import { loadGenerated } from './load.ts';

/** To be raised when the compact form changes. */
const FORM = 1;

let loaded: ReadonlyMap<string, StructureDefinition> | undefined;

/** Read at the first use and not before: only profiles need them. Without what is for readers only. */
export function standardStructureDefinition(canonical: string): StructureDefinition | undefined {
  loaded ??= new Map(loadGenerated('profiles', FORM, generateProfiles).map((s) => [s.url ?? '', s]));
  const [url = '', version] = canonical.split('|');
  const found = loaded.get(url);
  return version === undefined || found?.version === version ? found : undefined;
}
