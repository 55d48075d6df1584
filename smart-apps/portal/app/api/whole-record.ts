/** The whole record by Patient/$everything (http://hl7.org/fhir/R4/patient-operation-everything.html), all of its pages. */
import type { Bundle, BundleEntry, CapabilityStatement } from '@medplum/fhirtypes';
import { callJson, nextPageOf, type PatientSession } from '@dr-assistant/ui/session';

const PAGE_SIZE = 500;

export interface WholeRecordWanted {
  readonly session: PatientSession;
  /** Whether the log of who accessed the record is part of it. */
  readonly withAccesses: boolean;
  /** Told after each page: how many resources there are so far. */
  readonly onProgress: (count: number) => void;
}

/** All types of the server but the log's: `$everything` asks for types, and leaves none out by itself. */
async function typesWithoutAccesses(): Promise<string> {
  const { rest } = await callJson<CapabilityStatement>('metadata');
  const types = rest?.[0]?.resource?.map(({ type }) => type) ?? [];
  return types.filter((type) => type !== 'AuditEvent').join(',');
}

/** One Bundle of type collection. Throws ApiError when a page cannot be had: half a record is none. */
export async function loadWholeRecord({
  session,
  withAccesses,
  onProgress,
}: WholeRecordWanted): Promise<Bundle> {
  const query = new URLSearchParams({ _count: String(PAGE_SIZE) });
  if (!withAccesses) query.set('_type', await typesWithoutAccesses());
  const entry: BundleEntry[] = [];
  for (
    let url: string | undefined = `Patient/${session.patientId}/$everything?${query}`;
    url !== undefined;
  ) {
    const page: Bundle = await callJson<Bundle>(url);
    for (const { fullUrl, resource, search } of page.entry ?? [])
      if (resource !== undefined && search?.mode !== 'outcome')
        entry.push({ ...(fullUrl && { fullUrl }), resource });
    onProgress(entry.length);
    url = nextPageOf(page);
  }
  return { resourceType: 'Bundle', type: 'collection', timestamp: new Date().toISOString(), entry };
}
