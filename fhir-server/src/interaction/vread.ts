/** vread, and what both it and history need: which versions the caller may see. https://hl7.org/fhir/R4/http.html#vread */
import type { Resource } from '@medplum/fhirtypes';
import { hidesStateOnly } from '../access/index.ts';
import { gone, notFound } from '../fhir/outcome.ts';
import { extractIndex, type Expression } from '../search/index.ts';
import { decideCandidates, readVersion, type StoredVersion } from '../storage/index.ts';
import { versionHeaders, type Answer } from './answer.ts';
import { discloseVersion } from './disclose.ts';
import { permit } from './permit.ts';
import type { Request } from './server.ts';

/**
 * Decides by the version's own content, since superseded versions have no index columns. A deletion has no content,
 * so it is seen only by those whom no filter restricts, or none but that which hides the state of apps.
 */
export async function mayReadVersions(
  { server, db }: Pick<Request, 'server' | 'db'>,
  resourceType: string,
  versions: readonly StoredVersion[],
  filter: Expression,
): Promise<boolean[]> {
  if (filter.kind === 'all') return versions.map(() => true);
  const { registry, config } = server;
  const there = versions.filter((version) => !version.deleted);
  const candidates = there.map(({ id, lastUpdated, content }) => {
    const resource = JSON.parse(content) as Resource;
    return { id, lastUpdated, index: extractIndex(resource, { registry, baseUrl: config.fhirBase }) };
  });
  const decided = await decideCandidates({ db, registry }, resourceType, filter, candidates);
  const permitted = new Set(there.filter((_, i) => decided[i]));
  const seesDeletions = hidesStateOnly(filter);
  return versions.map((version) => (version.deleted ? seesDeletions : permitted.has(version)));
}

export const mayReadVersion = async (
  request: Pick<Request, 'server' | 'db'>,
  resourceType: string,
  version: StoredVersion,
  filter: Expression,
): Promise<boolean> => (await mayReadVersions(request, resourceType, [version], filter))[0] === true;

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
  if (version === undefined || !(await mayReadVersion(request, resourceType, version, filter))) throw unknown;
  if (version.deleted) throw gone(`Version ${versionId} of ${resourceType}/${id} is its deletion`);
  return discloseVersion(request, resourceType, version);
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
