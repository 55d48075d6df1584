/** The stored value sets, code systems and concept maps that the caller may see, by canonical. https://hl7.org/fhir/R4/references.html#canonical */
import type { CodeSystem, ConceptMap, StructureDefinition, ValueSet } from '@medplum/fhirtypes';
import {
  ALL,
  and,
  type Expression,
  localReference,
  NONE,
  referenceKey,
  tokenCodeKey,
  uriKey,
} from '../search/index.ts';
import { findIds, type StoredVersion } from '../storage/index.ts';
import { findTable, type TerminologySource } from '../terminology/index.ts';
import { permitted } from './permit.ts';
import type { Request, Server } from './server.ts';

type Canonical = CodeSystem | ConceptMap | StructureDefinition | ValueSet;

/** Resources of one canonical url that are compared by their version; whoever keeps more names the version. */
const VERSIONS_MAX = 50;
/** Concept maps from one code system that are looked at when none is named. */
const MAPS_MAX = 100;

/** What the caller may search. */
export const terminologySource = (request: Request): TerminologySource =>
  sourceOf({
    ...request,
    seen: (resourceType) => permitted(request, 'search-type', resourceType) ?? NONE,
  });

/** All that is stored: for what the server itself asks, such as the bindings of what is written. */
export const serverTerminology = (server: Server): TerminologySource => sourceOf(wholeView(server));

/** The stored definition of a profile, for what the server itself asks. */
export const storedStructureDefinition = (
  server: Server,
  canonical: string,
): Promise<StructureDefinition | undefined> =>
  byCanonical<StructureDefinition>(wholeView(server), 'StructureDefinition', canonical);

const wholeView = (server: Server): View => ({
  server,
  db: server.reader,
  seen: (resourceType) => (server.registry.isReady(resourceType, '*') ? ALL : NONE),
});

interface View extends Pick<Request, 'server' | 'db'> {
  readonly seen: (resourceType: string) => Expression;
}

function sourceOf(view: View): TerminologySource {
  return {
    valueSet: (canonical) => byCanonical<ValueSet>(view, 'ValueSet', canonical),
    codeSystem: (canonical) => byCanonical<CodeSystem>(view, 'CodeSystem', canonical),
    supplements: (url) => supplementsOf(view, url),
    conceptMap: (canonical) => byCanonical<ConceptMap>(view, 'ConceptMap', canonical),
    table: (canonical) => tableOf(view, canonical),
    conceptMaps: (side, system) =>
      find<ConceptMap>(view, 'ConceptMap', { kind: 'key', keys: [uriKey(`${side}-system`, system)] }, MAPS_MAX), // prettier-ignore
  };
}

/** Who may search some code systems only has to find the resource that stands for it. */
async function tableOf(view: View, canonical: string) {
  const visible = view.seen('CodeSystem');
  if (visible.kind === 'none') return undefined;
  const isSeen =
    visible.kind === 'all' || (await byCanonical<CodeSystem>(view, 'CodeSystem', canonical)) !== undefined;
  return isSeen ? findTable(view.db, canonical) : undefined;
}

async function byCanonical<T extends Canonical>(
  view: View,
  resourceType: T['resourceType'],
  canonical: string,
): Promise<T | undefined> {
  const local = localReference(canonical, view.server.config.fhirBase);
  if (local?.type === resourceType) {
    const [found] = await find<T>(view, resourceType, { kind: 'id', ids: [local.id] }, 1);
    return found;
  }
  const [url = '', version] = canonical.split('|');
  const byUrl = { kind: 'key', keys: [uriKey('url', url)] } as const;
  // The version as a token of datatype string is found in lower case.
  const byVersion = { kind: 'key', keys: [tokenCodeKey('version', version?.toLowerCase() ?? '')] } as const;
  const wanted: Expression = version === undefined ? byUrl : and(byUrl, byVersion);
  const found = await find<T>(view, resourceType, wanted, VERSIONS_MAX);
  return newest(found.filter((resource) => version === undefined || resource.version === version));
}

/** https://hl7.org/fhir/R4/codesystem.html#supplements: with the version of the code system, or for all. */
async function supplementsOf(view: View, url: string): Promise<readonly CodeSystem[]> {
  const refers = { kind: 'key', keys: [referenceKey('supplements', url)] } as const;
  const found = await find<CodeSystem>(view, 'CodeSystem', refers, VERSIONS_MAX);
  const own = found.filter(({ content }) => content === 'supplement');
  // Of several versions of one supplement the newest counts.
  return [...Map.groupBy(own, (supplement) => supplement.url).values()].flatMap(
    (versions) => newest(versions) ?? [],
  );
}

/** R4 leaves it to the server which version a canonical without one means. The newest stored comes first in `versions`. */
const newest = <T extends Canonical>(versions: readonly T[]): T | undefined =>
  [...versions].sort((a, b) => compareVersions(b.version, a.version)).at(0);

/** 10.1 is above 9.2, and any version above none. */
const compareVersions = (a = '', b = ''): number => a.localeCompare(b, 'en', { numeric: true });

/** What the caller may search and finds, the newest first. The resources are shared: nobody changes them. */
async function find<T extends Canonical>(
  { server, db, seen }: View,
  resourceType: T['resourceType'],
  wanted: Expression,
  max: number,
): Promise<T[]> {
  const visible = seen(resourceType);
  if (visible.kind === 'none' || !(await server.tables.exists(resourceType))) return [];
  const found = await findIds(db, server.registry, resourceType, wanted, visible, max);
  found.sort((a, b) => b.lastUpdated - a.lastUpdated);
  return found.map((version) => parsed<T>(server, resourceType, version));
}

/** Characters of the resources that are kept parsed. */
const KEPT_CHARACTERS_MAX = 64 * 1024 * 1024;

interface Kept {
  readonly byVersion: Map<string, { readonly resource: Canonical; readonly length: number }>;
  length: number;
}

/** A version never changes, and what a code system is indexed for is found again by the object. */
const keptBy = new WeakMap<object, Kept>();

function parsed<T extends Canonical>(
  server: object,
  resourceType: string,
  { id, versionId, lastUpdated, content }: StoredVersion,
): T {
  let kept = keptBy.get(server);
  if (kept === undefined) keptBy.set(server, (kept = { byVersion: new Map(), length: 0 }));
  const key = `${resourceType}/${id}/${versionId}/${lastUpdated}`;
  const before = kept.byVersion.get(key);
  const entry = before ?? { resource: JSON.parse(content) as T, length: content.length };
  // What was used last stands last and goes last.
  kept.byVersion.delete(key);
  kept.byVersion.set(key, entry);
  if (before === undefined) kept.length += entry.length;
  for (const [oldest, { length }] of kept.byVersion) {
    if (kept.length <= KEPT_CHARACTERS_MAX || oldest === key) break;
    kept.byVersion.delete(oldest);
    kept.length -= length;
  }
  return entry.resource as T;
}
