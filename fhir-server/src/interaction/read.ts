/** read. https://hl7.org/fhir/R4/http.html#read */
import { gone } from '../fhir/outcome.ts';
import { ALL } from '../search/index.ts';
import { readCurrent, type StoredVersion } from '../storage/index.ts';
import { etag, versionHeaders, type Answer } from './answer.ts';
import { rightTo, unknownResource } from './permit.ts';
import type { Request } from './server.ts';
import { mayReadVersion } from './vread.ts';

export interface ReadConditions {
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: string | undefined;
}

/** The current version. Throws 403, 404 (unknown, or outside the caller's view) or 410. */
export async function loadCurrent(
  request: Request,
  resourceType: string,
  id: string,
): Promise<StoredVersion> {
  const { server, db } = request;
  const filter = rightTo(request, 'read', resourceType);
  if (!(await server.tables.exists(resourceType))) throw unknownResource(resourceType, id);
  const isIndexed = server.registry.isReady(resourceType, '*');
  const version = await readCurrent(db, server.registry, resourceType, id, isIndexed ? filter : ALL);
  if (version === undefined || !(isIndexed || (await mayReadVersion(request, resourceType, version, filter))))
    throw unknownResource(resourceType, id);
  if (version.deleted) throw gone(`${resourceType}/${id} was deleted at version ${version.versionId}`);
  return version;
}

export async function read(
  request: Request,
  resourceType: string,
  id: string,
  conditions: ReadConditions = {},
): Promise<Answer> {
  const version = await loadCurrent(request, resourceType, id);
  const headers = versionHeaders(version);
  if (isUnchanged(version, conditions)) return { status: 304, headers };
  return { status: 200, headers, body: version.content };
}

/** RFC 9110 section 13.2.2: If-Modified-Since counts only where If-None-Match is absent. */
export function isUnchanged(
  version: StoredVersion,
  { ifNoneMatch, ifModifiedSince }: ReadConditions,
): boolean {
  if (ifNoneMatch !== undefined) {
    const tags = ifNoneMatch.split(',').map((t) => t.trim());
    return (
      tags.includes('*') || tags.includes(etag(version.versionId)) || tags.includes(`"${version.versionId}"`)
    );
  }
  const since = ifModifiedSince === undefined ? NaN : Date.parse(ifModifiedSince);
  return !Number.isNaN(since) && Math.floor(version.lastUpdated / 1000) * 1000 <= since;
}
