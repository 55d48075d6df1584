/** search-type: one page of matches as a searchset Bundle. https://hl7.org/fhir/R4/http.html#search */
import type { OperationOutcomeIssue } from '@medplum/fhirtypes';
import { and, parseSearch, type SearchRequest } from '../search/index.ts';
import { countMatches, searchPage, type Page } from '../storage/index.ts';
import type { Answer } from './answer.ts';
import { CURSOR_PARAMETER, decodeCursor, encodeCursor } from './page-cursor.ts';
import { permit } from './permit.ts';
import type { Request } from './server.ts';

type Parameters = readonly (readonly [string, string])[];

export async function searchType(
  request: Request,
  resourceType: string,
  parameters: Parameters,
  handling: 'strict' | 'lenient' = 'lenient',
): Promise<Answer> {
  const { server, principal, db } = request;
  const permitted = permit(request, 'search-type', resourceType);
  const search = parseSearch(
    resourceType,
    parameters.filter(([name]) => name !== CURSOR_PARAMETER),
    {
      registry: server.registry,
      baseUrl: server.config.fhirBase,
      pageSize: server.config.pageSize,
      pageSizeMax: server.config.pageSizeMax,
      handling,
      now: new Date(),
    },
  );
  const filter = and(search.filter, permitted);
  const query = new URLSearchParams(search.understood.map(([n, v]): [string, string] => [n, v])).toString();
  const cursor = parameters.find(([name]) => name === CURSOR_PARAMETER)?.[1];
  const after =
    cursor === undefined
      ? undefined
      : decodeCursor(server.config.secret, cursor, resourceType + query, principal);
  const known = await server.tables.exists(resourceType);
  const onlyCount = search.summary === 'count' || search.count === 0;
  const page: Page =
    onlyCount || !known
      ? { versions: [] }
      : await searchPage(db, { resourceType, filter, sort: search.sort, count: search.count, after });
  const isCounted = onlyCount || search.total === 'accurate';
  const total = !isCounted ? undefined : known ? await countMatches(db, resourceType, filter) : 0;
  const self = `${server.config.fhirBase}/${resourceType}${query === '' ? '' : `?${query}`}`;
  const links = [{ relation: 'self', url: withCursor(self, cursor) }];
  if (page.next !== undefined) {
    const next = encodeCursor(server.config.secret, page.next, resourceType + query, principal);
    links.push({ relation: 'next', url: withCursor(self, next) });
  }
  return { status: 200, headers: {}, body: searchset(server.config.fhirBase, search, page, links, total) };
}

function withCursor(url: string, cursor: string | undefined): string {
  if (cursor === undefined) return url;
  return `${url}${url.includes('?') ? '&' : '?'}${CURSOR_PARAMETER}=${cursor}`;
}

/** Put together as text, so that the resources' JSON is passed on as it is stored. */
function searchset(
  fhirBase: string,
  search: SearchRequest,
  page: Page,
  link: readonly object[],
  total: number | undefined,
): string {
  const entries = page.versions.map(
    (v) =>
      `{"fullUrl":"${fhirBase}/${search.resourceType}/${v.id}","resource":${v.content},"search":{"mode":"match"}}`,
  );
  if (search.warnings.length > 0) entries.push(outcomeEntry(search.warnings));
  return (
    `{"resourceType":"Bundle","type":"searchset"${total === undefined ? '' : `,"total":${total}`}` +
    `,"link":${JSON.stringify(link)}${entries.length === 0 ? '' : `,"entry":[${entries.join(',')}]`}}`
  );
}

function outcomeEntry(issue: readonly OperationOutcomeIssue[]): string {
  return JSON.stringify({
    resource: { resourceType: 'OperationOutcome', issue },
    search: { mode: 'outcome' },
  });
}
