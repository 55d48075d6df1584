/** Several searches as one request. https://hl7.org/fhir/R4/http.html#transaction */
import type { Bundle, Resource } from '@medplum/fhirtypes';
import { ApiError, callJson, faultText, nextPageOf } from '@dr-assistant/ui/session';

export interface Found {
  /** Matches and what was included. */
  readonly resources: readonly Resource[];
  /** Whether the search has more than its first page. */
  readonly hasMore: boolean;
}

/** Undefined for what the user has no right to. Throws ApiError for other failures, in the server's words. */
function foundIn(entry: NonNullable<Bundle['entry']>[number] | undefined): Found | undefined {
  const status = Number.parseInt(entry?.response?.status ?? '0', 10);
  if (status === 403) return undefined;
  if (status >= 300 || status === 0) throw new ApiError(status, faultText(entry?.response?.outcome));
  const bundle = entry?.resource as Bundle | undefined;
  const entries = bundle?.entry?.filter((e) => e.search?.mode !== 'outcome') ?? [];
  return {
    resources: entries.flatMap((e) => e.resource ?? []),
    hasMore: bundle !== undefined && nextPageOf(bundle) !== undefined,
  };
}

/** @param searches by name: `{ problems: 'Condition?patient=1&_count=50' }`, each with an end */
export async function searchAll<K extends string>(
  searches: Readonly<Record<K, string>>,
  signal?: AbortSignal,
): Promise<Readonly<Record<K, Found | undefined>>> {
  const batch: Bundle = {
    resourceType: 'Bundle',
    type: 'batch',
    entry: Object.values<string>(searches).map((url) => ({ request: { method: 'GET', url } })),
  };
  const answer = await callJson<Bundle>('', { method: 'POST', resource: batch }, signal);
  const pairs = Object.keys(searches).map((name, i) => [name, foundIn(answer.entry?.[i])] as const);
  return Object.fromEntries(pairs) as Record<K, Found | undefined>;
}

/** Of one type, of those found. */
export const typed = <T extends Resource>(found: Found | undefined, type: T['resourceType']): readonly T[] =>
  (found?.resources ?? []).filter((r): r is T => r.resourceType === type);
