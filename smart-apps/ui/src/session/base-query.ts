/** RTK Query over the session: each endpoint is a piece of work, and its failures become words. */
import type { BaseQueryFn } from '@reduxjs/toolkit/query';
import type { Bundle, Resource } from '@medplum/fhirtypes';
import { faultOf, type ApiFault } from './api-error.ts';

/** Given the signal that ends it when nobody waits any more. */
export type Work = (signal: AbortSignal) => Promise<unknown>;

/** For `createApi({ baseQuery, … })`: `query: (id) => (signal) => callJson(`Patient/${id}`, undefined, signal)`. */
export const baseQuery: BaseQueryFn<Work, unknown, ApiFault> = async (work, { signal }) => {
  try {
    return { data: (await work(signal)) ?? null };
  } catch (error) {
    return { error: faultOf(error) };
  }
};

/** What a search found, without the server's remarks. */
export const resourcesOf = <T extends Resource>(bundle: Bundle): T[] =>
  (bundle.entry ?? []).flatMap((e) => (e.resource && e.search?.mode !== 'outcome' ? [e.resource as T] : []));

/** What the search asked for, without what was included. */
export const matchesOf = <T extends Resource>(bundle: Bundle): T[] =>
  (bundle.entry ?? []).flatMap((e) =>
    e.resource && (e.search?.mode ?? 'match') === 'match' ? [e.resource as T] : [],
  );

/** Where a Bundle's next page is; undefined on the last one. */
export const nextPageOf = (bundle: Bundle): string | undefined =>
  bundle.link?.find((l) => l.relation === 'next')?.url;
