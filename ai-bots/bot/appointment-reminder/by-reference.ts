/** Resources by the references to them, many in one search. */
import type { Resource } from '@medplum/fhirtypes';
import type { FhirApi } from '../../sdk/index.ts';

const AT_ONCE = 50;

/** By `Type/id`; what is not there, or may not be read, is left out. References to other types are not looked at. */
export async function loadByReference<T extends Resource>(
  fhir: FhirApi,
  type: T['resourceType'],
  references: readonly string[],
): Promise<ReadonlyMap<string, T>> {
  const own = references.filter((reference) => new RegExp(`^${type}/[^/]+$`).test(reference));
  const ids = [...new Set(own.map((reference) => reference.split('/')[1] ?? ''))];
  const byReference = new Map<string, T>();
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const _id = ids.slice(from, from + AT_ONCE).join(',');
    for (const found of await fhir.findAll(type, { _id, _count: String(AT_ONCE) }, AT_ONCE))
      if (found.resourceType === type) byReference.set(`${type}/${found.id ?? ''}`, found as T);
  }
  return byReference;
}
