/** US Core as its package has it, for tests that need a real implementation guide. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Resource, StructureDefinition, ValueSet } from '@medplum/fhirtypes';
import { standardStructureDefinition } from '../../src/fhir/definitions/index.ts';
import { readPackage, type FhirPackage } from '../../src/package/index.ts';
import type { CodeTest, ProfileSources } from '../../src/validate/profile/index.ts';
import { sharedData } from './requirement.ts';

export const usCoreData = sharedData('us-core');

let loaded: Promise<FhirPackage> | undefined;

export const PACKAGE_LIMITS = { unpackedBytesMax: 100_000_000, entriesMax: 10_000, ratioMax: 100 };

export const usCoreFile = (): string => join(usCoreData.path ?? '', 'hl7.fhir.us.core-6.1.0.tgz');

export const loadUsCore = (): Promise<FhirPackage> =>
  (loaded ??= readPackage(createReadStream(usCoreFile()), PACKAGE_LIMITS));

const urlOf = (canonical: string): string => canonical.split('|')[0] ?? '';

/** Codes of a value set that lists them. */
function listedCodes({ compose }: ValueSet): CodeTest | undefined {
  const include = compose?.include ?? [];
  if (compose?.exclude || include.length === 0 || !include.every((i) => i.concept && i.system))
    return undefined;
  const codes = new Set(include.flatMap((i) => (i.concept ?? []).map((c) => `${i.system}|${c.code}`)));
  const alone = new Set(include.flatMap((i) => (i.concept ?? []).map((c) => c.code)));
  return (system, code) => (system === undefined ? alone.has(code) : codes.has(`${system}|${code}`));
}

/** What profiles are compiled from: the resources given, before those of the standard. */
export function profileSources(resources: readonly Resource[]): ProfileSources {
  const structures = new Map<string, StructureDefinition>();
  const valueSets = new Map<string, ValueSet>();
  for (const resource of resources) {
    if (resource.resourceType === 'StructureDefinition') structures.set(resource.url ?? '', resource);
    if (resource.resourceType === 'ValueSet') valueSets.set(resource.url ?? '', resource);
  }
  return {
    structure: (canonical) => structures.get(urlOf(canonical)) ?? standardStructureDefinition(canonical),
    codes: (canonical) => {
      const valueSet = valueSets.get(urlOf(canonical));
      return valueSet && listedCodes(valueSet);
    },
  };
}
