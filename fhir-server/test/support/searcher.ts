/** Stores and searches as a client does. */
import { expect } from '@jest/globals';
import type { Bundle, OperationOutcome, Resource } from '@medplum/fhirtypes';
import type { FhirOptions, TestServer } from './server.ts';

/** A resource as sent; what is in it is the test's business. */
export type Sent = Readonly<{ resourceType: string; id?: string; [element: string]: unknown }>;

export interface Refusal {
  readonly status: number;
  readonly code: string | undefined;
  readonly diagnostics: string;
  /** Where the fault is. */
  readonly expression?: string;
}

export interface Searcher {
  /** All in one transaction; each needs an id. */
  readonly store: (...resources: readonly Sent[]) => Promise<void>;
  readonly bundle: (path: string, options?: FhirOptions) => Promise<Bundle>;
  /** Ids of the matches, in alphabetical order. */
  readonly ids: (path: string, options?: FhirOptions) => Promise<string[]>;
  /** `Type/id` of what was included, in alphabetical order. */
  readonly included: (path: string, options?: FhirOptions) => Promise<string[]>;
  readonly refusal: (path: string, options?: FhirOptions) => Promise<Refusal>;
}

const name = (resource: Resource | undefined): string => `${resource?.resourceType}/${resource?.id}`;

/** Ids of the entries of one mode, in the order of the Bundle. */
export const idsOf = (bundle: Bundle, mode = 'match'): string[] =>
  (bundle.entry ?? []).filter((e) => e.search?.mode === mode).map((e) => e.resource?.id ?? '');

export const namesOf = (bundle: Bundle, mode = 'match'): string[] =>
  (bundle.entry ?? []).filter((e) => e.search?.mode === mode).map((e) => name(e.resource));

export const linkOf = (bundle: Bundle, relation: string): string | undefined =>
  bundle.link?.find((l) => l.relation === relation)?.url?.replace(/^.*?\/fhir\/R4\/?/, '');

/** Issues of the outcome among the entries. */
export const issuesOf = (bundle: Bundle): OperationOutcome['issue'] =>
  (bundle.entry ?? [])
    .filter((e) => e.search?.mode === 'outcome')
    .flatMap((e) => (e.resource as OperationOutcome).issue);

export function searcher(server: TestServer): Searcher {
  const bundle = async (path: string, options?: FhirOptions): Promise<Bundle> => {
    const response = await server.fhir('GET', path, options);
    const body = (await response.json()) as Bundle;
    expect([path, response.status, response.status === 200 ? '' : JSON.stringify(body)]).toEqual([path, 200, '']); // prettier-ignore
    return body;
  };
  return {
    bundle,
    async store(...resources) {
      const entry = resources.map((resource) => ({
        resource,
        request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
      }));
      const body = { resourceType: 'Bundle', type: 'transaction', entry };
      const response = await server.fhir('POST', '', { body });
      const answer = JSON.stringify(await response.json());
      expect([response.status, response.status === 200 ? '' : answer]).toEqual([200, '']);
    },
    ids: async (path, options) => idsOf(await bundle(path, options)).sort(),
    included: async (path, options) => namesOf(await bundle(path, options), 'include').sort(),
    async refusal(path, options) {
      const response = await server.fhir('GET', path, options);
      const body = (await response.json()) as Partial<OperationOutcome>;
      const [issue] = body.issue ?? [];
      const { code, diagnostics = '', expression: [expression] = [] } = issue ?? {};
      return { status: response.status, code, diagnostics, ...(expression !== undefined && { expression }) };
    },
  };
}
