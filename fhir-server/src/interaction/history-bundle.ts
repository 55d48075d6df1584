/** A page of a history as a Bundle, put together as text, so that stored JSON is passed on as it is. https://hl7.org/fhir/R4/bundle.html#history */
import type { TypedVersion } from '../storage/index.ts';
import { etag, type Answer } from './answer.ts';
import type { HistoryParameters } from './history-parameters.ts';
import { disclose } from './disclose.ts';
import { CURSOR_PARAMETER } from './page-cursor.ts';
import type { Request } from './server.ts';

export interface HistoryPage {
  readonly versions: readonly TypedVersion[];
  /** Signed position at which the next page starts; undefined on the last. */
  readonly next: string | undefined;
  readonly total?: number | undefined;
}

/** `path` is that of the history below the base. The versions go to the caller, which the audit hears. */
export function historyAnswer(
  request: Request,
  path: string,
  { query, cursor }: HistoryParameters,
  { versions, next, total }: HistoryPage,
): Answer {
  const {
    server: { config },
    trail,
  } = request;
  const url = (position: string | undefined): string => {
    const parts = [query, position === undefined ? '' : `${CURSOR_PARAMETER}=${position}`];
    const text = parts.filter((part) => part !== '').join('&');
    return `${config.fhirBase}/${path}${text === '' ? '' : `?${text}`}`;
  };
  const link = [{ relation: 'self', url: url(cursor) }];
  if (next !== undefined) link.push({ relation: 'next', url: url(next) });
  for (const { resourceType, id } of versions) trail?.disclosed.push(`${resourceType}/${id}`);
  const entries = versions.map((version) => historyEntry(request, version));
  const body =
    `{"resourceType":"Bundle","type":"history"${total === undefined ? '' : `,"total":${total}`}` +
    `,"link":${JSON.stringify(link)}${entries.length === 0 ? '' : `,"entry":[${entries.join(',')}]`}}`;
  return { status: 200, headers: {}, body };
}

/** Constraints bdl-3 and bdl-4: each entry has the request that would repeat it, id included, and its response. */
function historyEntry(caller: Request, version: TypedVersion): string {
  const { fhirBase } = caller.server.config;
  const name = `${version.resourceType}/${version.id}`;
  const isFirst = version.versionId === 1;
  const request = { method: version.deleted ? 'DELETE' : 'PUT', url: name };
  const response = {
    status: version.deleted ? '204' : isFirst ? '201' : '200',
    etag: etag(version.versionId),
    lastModified: new Date(version.lastUpdated).toISOString(),
  };
  const resource = version.deleted
    ? ''
    : `"resource":${disclose(caller, version.resourceType, version.content)},`;
  return `{"fullUrl":"${fhirBase}/${name}",${resource}"request":${JSON.stringify(request)},"response":${JSON.stringify(response)}}`;
}
