/** Reads histories as a client does: page by page, along the links. */
import { expect } from '@jest/globals';
import type { Bundle, BundleEntry } from '@medplum/fhirtypes';
import type { FhirOptions, TestServer } from './server.ts';

const PAGES_MAX = 200;

type Identified = Readonly<{ resourceType: string; id: string; [element: string]: unknown }>;

export interface HistoryReader {
  readonly page: (path: string, options?: FhirOptions) => Promise<Bundle>;
  /** The entries of all pages, with something done between each two. */
  readonly allPages: (
    path: string,
    options?: FhirOptions,
    between?: (page: number) => Promise<unknown>,
  ) => Promise<BundleEntry[]>;
  readonly put: (resource: Identified) => Promise<void>;
}

/** An entry's type, id and version: `Basic/a W/"2"`. */
export const named = (entry: BundleEntry): string => `${entry.request?.url} ${entry.response?.etag}`;

/** The path of the next page, relative to the base. */
export const nextPath = (bundle: Bundle): string | undefined =>
  bundle.link?.find((l) => l.relation === 'next')?.url?.replace(/^.*\/fhir\/R4\//, '');

export function historyReader(server: TestServer): HistoryReader {
  const page = async (path: string, options?: FhirOptions): Promise<Bundle> => {
    const response = await server.fhir('GET', path, options);
    expect(response.status).toBe(200);
    return (await response.json()) as Bundle;
  };
  return {
    page,
    async allPages(path, options, between = () => Promise.resolve()) {
      const entries: BundleEntry[] = [];
      let number = 0;
      for (let at: string | undefined = path; at !== undefined; number += 1) {
        expect(number).toBeLessThan(PAGES_MAX);
        const bundle = await page(at, options);
        entries.push(...(bundle.entry ?? []));
        at = nextPath(bundle);
        await between(number);
      }
      return entries;
    },
    async put(resource) {
      const response = await server.fhir('PUT', `${resource.resourceType}/${resource.id}`, {
        body: resource,
      });
      expect([200, 201]).toContain(response.status);
      await response.arrayBuffer();
    },
  };
}
