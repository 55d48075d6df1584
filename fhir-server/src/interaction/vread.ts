/** vread, and what both it and history need: which versions the caller may see. https://hl7.org/fhir/R4/http.html#vread */
import type { Resource } from '@medplum/fhirtypes';
import { gone, notFound } from '../fhir/outcome.ts';
import { extractIndex, matches, type Expression } from '../search/index.ts';
import { readVersion, type StoredVersion } from '../storage/index.ts';
import { versionHeaders, type Answer } from './answer.ts';
import { permit } from './permit.ts';
import type { Request, Server } from './server.ts';

/**
 * Decides by the version's own content, since superseded versions have no index columns. A deletion has no content,
 * so it is seen only by those whom no filter restricts.
 */
export function mayReadVersion(server: Server, version: StoredVersion, filter: Expression): boolean {
  if (filter.kind === 'all') return true;
  if (version.deleted) return false;
  const resource = JSON.parse(version.content) as Resource;
  const index = extractIndex(resource, { registry: server.registry, baseUrl: server.config.fhirBase });
  return matches(filter, { id: version.id, lastUpdated: version.lastUpdated, index });
}

/** Throws 403, 404 (unknown, or outside the caller's view) or 410 for a deletion. */
export async function loadVersion(
  request: Request,
  resourceType: string,
  id: string,
  versionId: string,
): Promise<StoredVersion> {
  const filter = permit(request, 'vread', resourceType);
  const unknown = notFound(`There is no version ${versionId} of ${resourceType}/${id}`);
  const number = /^[1-9]\d{0,8}$/.test(versionId) ? Number(versionId) : undefined;
  if (number === undefined || !(await request.server.tables.exists(resourceType))) throw unknown;
  const version = await readVersion(request.db, resourceType, id, number);
  if (version === undefined || !mayReadVersion(request.server, version, filter)) throw unknown;
  if (version.deleted) throw gone(`Version ${versionId} of ${resourceType}/${id} is its deletion`);
  return version;
}

export async function vread(
  request: Request,
  resourceType: string,
  id: string,
  versionId: string,
): Promise<Answer> {
  const version = await loadVersion(request, resourceType, id, versionId);
  return { status: 200, headers: versionHeaders(version), body: version.content };
}
