/**
 * A FHIR API in memory, for tests of handlers without a server. It keeps versions, conditions (`If-Match`,
 * `If-None-Match: *`), transactions and scopes as the server does. It does not validate, does not check references, knows
 * no policies or Consents, and searches only by what search-parameters.ts lists: the rest is for a test against a server.
 */
import type { Bundle, BundleEntry, Resource } from '@medplum/fhirtypes';
import type { FhirApi, SearchParams, Stored } from '../../runtime/fhir-api.ts';
import { HttpFailure } from '../../runtime/http-failure.ts';
import { allows, type Interaction } from '../scope.ts';
import { searchMemory } from './search-memory.ts';

type ResourceType = Resource['resourceType'];
type Versions = readonly Resource[];

export interface MemoryFhir {
  /** With the rights of these scopes. */
  readonly api: (scopes: readonly string[]) => FhirApi;
  /** As somebody else writes it: a new version. */
  readonly put: (resource: Resource) => Resource;
  /** The current version of everything. */
  readonly all: () => Resource[];
  /** `PUT Communication/1`, in order. */
  readonly writes: readonly string[];
  /** What was tried without a scope that allows it. */
  readonly violations: readonly string[];
}

/** @param includesMax what a search takes along, as the server's `SEARCH_INCLUDES_MAX` */
export function createMemoryFhir(now: () => Date, includesMax = Infinity): MemoryFhir {
  let store = new Map<string, Versions>();
  const writes: string[] = [];
  const violations: string[] = [];
  const current = (name: string): Resource | undefined => store.get(name)?.at(-1);
  const all = (): Resource[] => [...store.values()].flatMap((versions) => versions.at(-1) ?? []);

  const put = (resource: Resource): Resource => {
    const name = `${resource.resourceType}/${resource.id ?? ''}`;
    const versions = store.get(name) ?? [];
    const meta = {
      ...resource.meta,
      versionId: String(versions.length + 1),
      lastUpdated: now().toISOString(),
    };
    // As JSON, so that nobody keeps a hold on what is stored.
    const stored = JSON.parse(JSON.stringify({ ...resource, meta })) as Resource;
    store.set(name, [...versions, stored]);
    return stored;
  };

  const api = (scopes: readonly string[]): FhirApi => {
    const check = (interaction: Interaction, type: string): void => {
      if (allows(scopes, interaction, type)) return;
      violations.push(`${interaction} of ${type}`);
      throw new HttpFailure(403, `the scopes do not allow ${interaction} of ${type}`);
    };
    const write = (resource: Resource, conditions: Conditions): Resource => {
      const name = `${resource.resourceType}/${resource.id ?? ''}`;
      const existing = current(name);
      // The server takes a PUT for an update, also where it creates.
      check('u', resource.resourceType);
      if (existing === undefined) check('c', resource.resourceType);
      if (conditions.ifNoneMatch === '*' && existing !== undefined)
        throw new HttpFailure(412, `${name} exists`);
      if (conditions.ifMatch !== undefined && conditions.ifMatch !== existing?.meta?.versionId)
        throw new HttpFailure(412, `${name} has another version`);
      const stored = put(resource);
      writes.push(`PUT ${name}`);
      return stored;
    };
    const search = (type: ResourceType, params: SearchParams): Bundle => {
      check('s', type);
      const found = searchMemory(all(), type, params, includesMax);
      for (const { resource, search: how } of found.entry ?? [])
        if (how?.mode === 'include') check('r', resource?.resourceType ?? '');
      return JSON.parse(JSON.stringify(found)) as Bundle;
    };
    const read = (name: string): Resource | undefined => {
      check('r', name.split('/')[0] ?? '');
      return structuredClone(current(name));
    };
    const answer = (entry: BundleEntry): BundleEntry => {
      const { method, url = '', ifMatch, ifNoneMatch } = entry.request ?? {};
      const [path = '', query] = url.split('?');
      if (method === 'GET' && query !== undefined)
        return { resource: search(path as ResourceType, paramsOf(query)) };
      if (method === 'GET') return found(read(path));
      if (method !== 'PUT' || entry.resource === undefined)
        throw new Error(`the FHIR API in memory does not know ${method ?? ''} in a Bundle`);
      const version = ifMatch === undefined ? undefined : /^W\/"(.*)"$/.exec(ifMatch)?.[1];
      write(entry.resource, {
        ...(version === undefined ? {} : { ifMatch: version }),
        ...(ifNoneMatch === '*' ? { ifNoneMatch } : {}),
      });
      return { response: { status: '200' } };
    };
    return {
      baseUrl: 'http://memory.example/fhir/R4',
      read: <T extends ResourceType>(type: T, id: string) =>
        later(() => read(`${type}/${id}`) as Stored<T> | undefined),
      vread: <T extends ResourceType>(type: T, id: string, version: string) =>
        later(() => {
          check('r', type);
          const versions = store.get(`${type}/${id}`) ?? [];
          return structuredClone(versions.find((v) => v.meta?.versionId === version)) as
            Stored<T> | undefined;
        }),
      search: (type, params) => later(() => search(type, params)),
      findAll: (type, params, max) =>
        // All that is found is one page, with what comes along.
        later(() => {
          const { entry = [] } = search(type, { ...params, _count: String(max) });
          return entry.flatMap((e) => e.resource ?? []);
        }),
      update: <T extends Resource>(resource: T, condition: Conditions = {}) =>
        later(() => structuredClone(write(resource, condition)) as T),
      transaction: (bundle) =>
        later(() => {
          const before = { store: new Map(store), writes: writes.length };
          try {
            const entry = (bundle.entry ?? []).map((one) =>
              bundle.type === 'batch' ? orOutcome(() => answer(one)) : answer(one),
            );
            return {
              resourceType: 'Bundle',
              type: `${bundle.type === 'batch' ? 'batch' : 'transaction'}-response`,
              entry,
            } as const;
          } catch (error) {
            store = before.store;
            writes.length = before.writes;
            throw error;
          }
        }),
      download: () =>
        Promise.reject(new Error('the FHIR API in memory has no Binaries; test this against a server')),
    };
  };
  return { api, put, all, writes, violations };
}

interface Conditions {
  readonly ifMatch?: string;
  readonly ifNoneMatch?: '*';
}

const later = async <T>(work: () => T): Promise<T> => {
  await Promise.resolve();
  return work();
};

const found = (resource: Resource | undefined): BundleEntry =>
  resource === undefined ? { response: { status: '404' } } : { resource, response: { status: '200' } };

function orOutcome(work: () => BundleEntry): BundleEntry {
  try {
    return work();
  } catch (error) {
    if (error instanceof HttpFailure) return { response: { status: String(error.status) } };
    throw error;
  }
}

function paramsOf(query: string): SearchParams {
  const params: Record<string, string[]> = {};
  for (const [name, value] of new URLSearchParams(query)) (params[name] ??= []).push(value);
  return params;
}
