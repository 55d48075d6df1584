/** Writes a summary, or a new version of it when the chart has changed, and otherwise nothing. */
import type { BundleEntry, Device, Resource } from '@medplum/fhirtypes';
import { createEntry, transactionOf, updateEntry, type FhirApi } from '../../sdk/index.ts';
import {
  composition,
  documentReference,
  isAsWritten,
  provenance,
  type Names,
  type Summarised,
} from './document.ts';

export type Ids = Omit<Names, 'device'>;

/** What is stored of an earlier run, and whether it may be replaced. */
export interface Earlier {
  /**
   * `unchanged`: made from the same facts. `kept`: somebody has worked on it, or the visit has begun, and it stays.
   */
  readonly state: 'none' | 'unchanged' | 'kept' | 'outdated';
  readonly versions: readonly (string | undefined)[];
}

/** @param hash of what a summary would be made from now */
export async function loadEarlier(
  fhir: FhirApi,
  ids: Ids,
  hash: string,
  hasBegun: boolean,
): Promise<Earlier> {
  const [composition, document, provenance] = await Promise.all([
    fhir.read('Composition', ids.composition),
    fhir.read('DocumentReference', ids.document),
    fhir.read('Provenance', ids.provenance),
  ]);
  const versions = [composition, document, provenance].map((resource) => resource?.meta?.versionId);
  if (composition === undefined) return { state: 'none', versions };
  if (composition.identifier?.value === hash) return { state: 'unchanged', versions };
  const isOurs =
    document !== undefined &&
    provenance !== undefined &&
    isAsWritten(composition, provenance) &&
    isAsWritten(document, provenance);
  return { state: isOurs && !hasBegun ? 'outdated' : 'kept', versions };
}

/** All or nothing, over the versions that were read. Throws HttpFailure 412 when somebody else wrote meanwhile. */
export async function writeSummary(
  fhir: FhirApi,
  summary: Summarised,
  names: Names,
  { versions }: Earlier,
  now: string,
): Promise<void> {
  const written = [composition(summary, names, now), documentReference(summary, names, now)];
  const resources: readonly Resource[] = [...written, provenance(summary, names, written, now)];
  const entries = resources.map((resource, i): BundleEntry => {
    const version = versions[i];
    return version === undefined
      ? createEntry(fhir.baseUrl, resource)
      : updateEntry(fhir.baseUrl, resource, version);
  });
  const known = await fhir.read('Device', names.device);
  const devices = known === undefined ? [createEntry(fhir.baseUrl, device(names.device, summary))] : [];
  await fhir.transaction(transactionOf([...devices, ...entries]));
}

const device = (id: string, { provider }: Summarised): Device => ({
  resourceType: 'Device',
  id,
  status: 'active',
  deviceName: [{ name: 'Chart summary', type: 'user-friendly-name' }],
  type: { text: 'Software that summarises charts' },
  version: [{ type: { text: 'summarise' }, value: provider }],
});
