/** The literal references of a resource to resources of this server. https://hl7.org/fhir/R4/references.html#literal */
import type { Resource } from '@medplum/fhirtypes';
import { localReference } from '../search/index.ts';

export interface PlacedReference {
  readonly resourceType: string;
  readonly id: string;
  /** Of a reference to one version. */
  readonly versionId?: string | undefined;
  /** As FHIRPath, from `place` on. */
  readonly place: string;
}

/**
 * In the resource itself and in what it contains. A Bundle that is stored has its own world: what its entries refer to is in it
 * or nowhere here. https://hl7.org/fhir/R4/bundle.html#references
 */
export function referencesOf(resource: Resource, place: string, baseUrl: string): PlacedReference[] {
  const found: PlacedReference[] = [];
  if (resource.resourceType !== 'Bundle') collect(resource, place, baseUrl, found);
  return found;
}

function collect(value: object, place: string, baseUrl: string, found: PlacedReference[]): void {
  for (const [name, child] of Object.entries(value) as [string, unknown][]) {
    const at = Array.isArray(value) ? `${place}[${name}]` : `${place}.${name}`;
    if (typeof child === 'object' && child !== null) collect(child, at, baseUrl, found);
    else if (name === 'reference' && typeof child === 'string') {
      const local = localReference(child, baseUrl);
      const versionId = /\/_history\/([^/]+)$/.exec(child)?.[1];
      if (local !== undefined) found.push({ resourceType: local.type, id: local.id, versionId, place });
    }
  }
}
