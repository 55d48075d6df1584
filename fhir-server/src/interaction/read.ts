/** read. https://hl7.org/fhir/R4/http.html#read */
import type { Binary } from '@medplum/fhirtypes';
import { FhirError, gone } from '../fhir/outcome.ts';
import { ALL, type Expression, type LocalReference, localReference } from '../search/index.ts';
import { readCurrent, type StoredVersion } from '../storage/index.ts';
import { etag, versionHeaders, type Answer } from './answer.ts';
import { discloseVersion } from './disclose.ts';
import { rightTo, unknownResource } from './permit.ts';
import type { Request } from './server.ts';
import { mayReadVersion } from './vread.ts';

export interface ReadConditions {
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: string | undefined;
}

/** https://hl7.org/fhir/R4/binary.html#security: who may read what a Binary belongs to may read the Binary. */
async function mayRead(
  request: Request,
  resourceType: string,
  version: StoredVersion,
  filter: Expression,
): Promise<boolean> {
  const context = resourceType === 'Binary' && !version.deleted ? contextOf(request, version) : undefined;
  if (filter.kind === 'all' || context === undefined)
    return mayReadVersion(request, resourceType, version, filter);
  try {
    await loadCurrent(request, context.type, context.id);
    return true;
  } catch (error) {
    if (error instanceof FhirError && error.status < 500) return false;
    throw error;
  }
}

/** A Patient's own Binaries are in his compartment, and need no look at him. */
function contextOf({ server }: Request, { content }: StoredVersion): LocalReference | undefined {
  const { securityContext } = JSON.parse(content) as Binary;
  const context = localReference(securityContext?.reference ?? '', server.config.fhirBase);
  return context?.type === 'Patient' || context?.type === 'Binary' ? undefined : context;
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
  // Whom a Binary belongs to stands in its content, as in that of rows in the index of an older version.
  const isByIndex = resourceType !== 'Binary' && server.registry.isReady(resourceType, '*');
  const version = await readCurrent(db, server.registry, resourceType, id, isByIndex ? filter : ALL);
  if (version === undefined || !(isByIndex || (await mayRead(request, resourceType, version, filter))))
    throw unknownResource(resourceType, id);
  if (version.deleted) throw gone(`${resourceType}/${id} was deleted at version ${version.versionId}`);
  return discloseVersion(request, resourceType, version);
}

/** Whether it is there, whoever asks. Throws 404 or 410. */
export async function checkStored({ server, db }: Request, resourceType: string, id: string): Promise<void> {
  const isKnown = await server.tables.exists(resourceType);
  const version = isKnown ? await readCurrent(db, server.registry, resourceType, id, ALL) : undefined;
  if (version === undefined) throw unknownResource(resourceType, id);
  if (version.deleted) throw gone(`${resourceType}/${id} was deleted at version ${version.versionId}`);
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
