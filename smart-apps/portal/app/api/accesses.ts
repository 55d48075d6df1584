/** Who accessed the own record (fhir-server/docs/audit.md), page by page. */
import type { AuditEvent, Bundle } from '@medplum/fhirtypes';
import { callJson, matchesOf, nextPageOf } from '@dr-assistant/ui/session';
import { includedNames } from './appointments.ts';
import { portalApi } from './portal-api.ts';

export interface AccessPage {
  readonly events: readonly AuditEvent[];
  /** By reference. */
  readonly names: Readonly<Record<string, string>>;
  readonly next: string | undefined;
}

export interface AccessesWanted {
  readonly patientId: string;
  /** Whether the patient's own are told, too. */
  readonly withOwn: boolean;
}

const PAGE_SIZE = 100;

function searchOf({ patientId, withOwn }: AccessesWanted): string {
  const query = new URLSearchParams({
    entity: `Patient/${patientId}`,
    _sort: '-date',
    _count: String(PAGE_SIZE),
    _include: 'AuditEvent:agent',
    ...(withOwn ? {} : { _filter: `not (agent re "Patient/${patientId}")` }),
  });
  return `AuditEvent?${query}`;
}

export const accessesApi = portalApi.injectEndpoints({
  endpoints: (build) => ({
    accesses: build.infiniteQuery<AccessPage, AccessesWanted, string>({
      infiniteQueryOptions: { initialPageParam: '', getNextPageParam: ({ next }) => next },
      query:
        ({ queryArg, pageParam }) =>
        async (signal) => {
          const url = pageParam === '' ? searchOf(queryArg) : pageParam;
          const bundle = await callJson<Bundle>(url, undefined, signal);
          return {
            events: matchesOf<AuditEvent>(bundle),
            names: Object.fromEntries(includedNames(bundle)),
            next: nextPageOf(bundle),
          } satisfies AccessPage;
        },
      keepUnusedDataFor: 0,
    }),
  }),
});

export const { useAccessesInfiniteQuery } = accessesApi;
