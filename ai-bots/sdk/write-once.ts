/** Writes what follows from an event under ids that follow from it too: the first run writes, another finds it there. */
import type { BundleEntry, Resource } from '@medplum/fhirtypes';
import type { FhirApi } from '../runtime/fhir-api.ts';
import { HttpFailure } from '../runtime/http-failure.ts';

/** All or none. Throws HttpFailure; resolves with `unchanged` when the first of them exists. */
export async function writeOnce(
  api: FhirApi,
  resources: readonly Resource[],
): Promise<'written' | 'unchanged'> {
  const [first] = resources;
  if (first === undefined) return 'unchanged';
  try {
    if (resources.length === 1) await api.update(first, { ifNoneMatch: '*' });
    else await api.transaction(transactionOf(resources.map((r) => createEntry(api.baseUrl, r))));
    return 'written';
  } catch (error) {
    if (!(error instanceof HttpFailure) || error.status !== 412) throw error;
    const existing = await api.read(first.resourceType, first.id ?? '');
    if (existing === undefined) throw error;
    return 'unchanged';
  }
}

export const transactionOf = (entry: BundleEntry[]) => ({
  resourceType: 'Bundle' as const,
  type: 'transaction' as const,
  entry,
});

/** Written only if nothing is there: a second transaction fails as a whole and changes nothing. */
export const createEntry = (baseUrl: string, resource: Resource): BundleEntry => ({
  ...putEntry(baseUrl, resource),
  request: { method: 'PUT', url: addressOf(resource), ifNoneMatch: '*' },
});

/** Written only over this version. */
export const updateEntry = (baseUrl: string, resource: Resource, versionId: string): BundleEntry => ({
  ...putEntry(baseUrl, resource),
  request: { method: 'PUT', url: addressOf(resource), ifMatch: `W/"${versionId}"` },
});

const addressOf = (resource: Resource): string => `${resource.resourceType}/${resource.id ?? ''}`;

const putEntry = (baseUrl: string, resource: Resource): BundleEntry => ({
  fullUrl: `${baseUrl}/${addressOf(resource)}`,
  resource,
});
