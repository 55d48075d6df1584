/** history of one resource, newest first. https://hl7.org/fhir/R4/http.html#history */
import { badRequest, notSupported } from '../fhir/outcome.ts';
import { readVersions, type StoredVersion } from '../storage/index.ts';
import { etag, type Answer } from './answer.ts';
import { CURSOR_PARAMETER, decodeCursor, encodeCursor } from './page-cursor.ts';
import { permit, unknownResource } from './permit.ts';
import type { Request } from './server.ts';
import { mayReadVersion } from './vread.ts';

type Parameters = readonly (readonly [string, string])[];

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

export async function historyInstance(
  request: Request,
  resourceType: string,
  id: string,
  parameters: Parameters,
): Promise<Answer> {
  const { server, principal } = request;
  const filter = permit(request, 'history-instance', resourceType);
  const limit = pageSize(request, parameters);
  const since = sinceOf(parameters);
  const path = `${resourceType}/${id}/_history`;
  const kept = parameters.filter(([name]) => name === '_count' || name === '_since');
  const query = new URLSearchParams(kept.map(([n, v]): [string, string] => [n, v])).toString();
  const cursor = valueOf(parameters, CURSOR_PARAMETER);
  const before =
    cursor === undefined
      ? undefined
      : Number(decodeCursor(server.config.secret, cursor, path + query, principal)[0]);
  if (!(await server.tables.exists(resourceType))) throw unknownResource(resourceType, id);
  const versions = await readVersions(request.db, resourceType, id, { before, since, limit: limit + 1 });
  const page = versions.slice(0, limit);
  const visible = page.filter((v) => mayReadVersion(server, v, filter));
  if (visible.length === 0 && before === undefined && since === undefined)
    throw unknownResource(resourceType, id);
  const self = `${server.config.fhirBase}/${path}`;
  const link = [{ relation: 'self', url: `${self}${query === '' ? '' : `?${query}`}` }];
  const last = page.at(-1);
  if (versions.length > limit && last !== undefined) {
    const next = encodeCursor(server.config.secret, [last.versionId], path + query, principal);
    link.push({
      relation: 'next',
      url: `${self}?${query === '' ? '' : `${query}&`}${CURSOR_PARAMETER}=${next}`,
    });
  }
  const entries = visible.map((v) => historyEntry(server.config.fhirBase, resourceType, v));
  const body = `{"resourceType":"Bundle","type":"history","link":${JSON.stringify(link)}${
    entries.length === 0 ? '' : `,"entry":[${entries.join(',')}]`
  }}`;
  return { status: 200, headers: {}, body };
}

/** Constraints bdl-3 and bdl-4: each entry has the request that would repeat it, id included, and its response. */
function historyEntry(fhirBase: string, resourceType: string, version: StoredVersion): string {
  const isFirst = version.versionId === 1;
  const request = version.deleted
    ? { method: 'DELETE', url: `${resourceType}/${version.id}` }
    : { method: 'PUT', url: `${resourceType}/${version.id}` };
  const response = {
    status: version.deleted ? '204' : isFirst ? '201' : '200',
    etag: etag(version.versionId),
    lastModified: new Date(version.lastUpdated).toISOString(),
  };
  const resource = version.deleted ? '' : `"resource":${version.content},`;
  return `{"fullUrl":"${fhirBase}/${resourceType}/${version.id}",${resource}"request":${JSON.stringify(request)},"response":${JSON.stringify(response)}}`;
}

const valueOf = (parameters: Parameters, name: string): string | undefined =>
  parameters.find(([n]) => n === name)?.[1];

function pageSize({ server }: Request, parameters: Parameters): number {
  const text = valueOf(parameters, '_count');
  if (text === undefined) return server.config.pageSize;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw badRequest('_count must be a positive whole number', '_count');
  return Math.min(Number(text), server.config.pageSizeMax);
}

function sinceOf(parameters: Parameters): number | undefined {
  const unsupported = parameters.find(([name]) => name === '_at' || name === '_sort');
  if (unsupported) throw notSupported(`${unsupported[0]} is not supported on history`, unsupported[0]);
  const text = valueOf(parameters, '_since');
  if (text === undefined) return undefined;
  const moment = INSTANT.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(moment))
    throw badRequest('_since must be an instant such as 2024-05-01T10:00:00Z', '_since');
  return moment;
}
