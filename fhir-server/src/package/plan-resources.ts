/** Which resources of a package are stored, under which ids. */
import { createHash } from 'node:crypto';
import type { Resource } from '@medplum/fhirtypes';
import { carryNumbers } from '../fhir/json/index.ts';
import { topicUrl } from '../subscription/index.ts';
import type { FhirPackage, PackagedResource } from './read-package.ts';

/** What others build upon comes first. https://hl7.org/fhir/R4/conformance-module.html */
const ORDER = [
  'CodeSystem', 'ValueSet', 'ConceptMap', 'NamingSystem', 'StructureDefinition', 'SearchParameter', 'OperationDefinition',
  'CompartmentDefinition', 'CapabilityStatement', 'ImplementationGuide', 'StructureMap', 'GraphDefinition', 'MessageDefinition',
  'ExampleScenario', 'TerminologyCapabilities', 'TestScript', 'Questionnaire', 'ActivityDefinition', 'PlanDefinition', 'Library',
  'Measure', 'EventDefinition', 'ObservationDefinition', 'SpecimenDefinition',
  // Topics of Subscriptions, which search by what came before.
  'Basic',
]; // prettier-ignore

export interface PlannedResource {
  readonly file: string;
  readonly resource: Resource & { readonly id: string };
}

export interface InstallPlan {
  readonly resources: readonly PlannedResource[];
  /** `file: why`. */
  readonly skipped: readonly string[];
  /** SearchParameters that say again what the standard has: the server searches by the standard's. */
  readonly restated: number;
}

/** Whether the standard has a parameter of this name for the type. */
export type IsStandard = (resourceType: string, code: string) => boolean;

function isRestated({ resource }: PackagedResource, isStandard: IsStandard): boolean {
  if (resource.resourceType !== 'SearchParameter') return false;
  const { base, code } = resource;
  return Array.isArray(base) && base.length > 0 && base.every((type) => isStandard(type, code));
}

/** A resource's place is its canonical in the package: the next version of the package writes the same one. */
function idOf(name: string, resource: Resource, file: string): string {
  const url = topicUrl(resource) ?? (resource as { readonly url?: unknown }).url;
  const key = typeof url === 'string' && url !== '' ? url : file;
  const hash = createHash('sha256').update(`${name}|${resource.resourceType}|${key}`).digest('hex');
  return `pkg-${hash.slice(0, 40)}`;
}

export function planResources(
  { name, version, resources, examples }: FhirPackage,
  withExamples: boolean,
  isStandard: IsStandard,
): InstallPlan {
  const planned: PlannedResource[] = [];
  const skipped: string[] = [];
  const ids = new Set<string>();
  const add = ({ file, resource }: PackagedResource): void => {
    const id = idOf(name, resource, file);
    if (ids.has(`${resource.resourceType}/${id}`)) {
      skipped.push(`${file}: its url is there twice`);
      return;
    }
    ids.add(`${resource.resourceType}/${id}`);
    const meta = { ...resource.meta, source: `urn:fhir-package:${name}:${version}` };
    planned.push({ file, resource: carryNumbers(resource, { ...resource, id, meta }) });
  };
  const isPlanned = ({ resource }: PackagedResource): boolean =>
    resource.resourceType === 'Basic'
      ? topicUrl(resource) !== undefined
      : ORDER.includes(resource.resourceType);
  const all = resources.filter(isPlanned);
  const conformance = all.filter((packaged) => !isRestated(packaged, isStandard));
  conformance.sort((a, b) => ORDER.indexOf(a.resource.resourceType) - ORDER.indexOf(b.resource.resourceType));
  conformance.forEach(add);
  if (withExamples) examples.forEach(add);
  return { resources: planned, skipped, restated: all.length - conformance.length };
}
