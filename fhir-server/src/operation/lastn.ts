/** $lastn: the latest Observations of each code. https://hl7.org/fhir/R4/observation-operation-lastn.html */
import type { Observation } from '@medplum/fhirtypes';
import { badRequest, forbidden, issue, notSupported, tooCostly } from '../fhir/outcome.ts';
import {
  type Entry,
  type FoundPage,
  hiddenTest,
  type Operation,
  type OperationCall,
  PageLinks,
  parseFor,
  permit,
  readStale,
  type Request,
  resolveSearch,
  searchAnswer,
} from '../interaction/index.ts';
import { and, type Expression, type SearchRequest } from '../search/index.ts';
import { searchPage, type SortValue, type StoredVersion } from '../storage/index.ts';
import { CodeGroups } from './code-groups.ts';
import { simpleParameters } from './parameters.ts';

/** Observations that are looked at in one call, from the newest on. */
const SCANNED_MAX = 10_000;

export const lastn: Operation = {
  name: '$lastn',
  at: [{ level: 'type', resourceType: 'Observation' }],
  affectsState: false,
  definition: 'http://hl7.org/fhir/OperationDefinition/Observation-lastn',
  run,
};

async function run(request: Request, call: OperationCall) {
  const parameters = simpleParameters(call);
  const max = parameters.findLast(([name]) => name === 'max')?.[1] ?? '1';
  if (!/^[1-9]\d{0,3}$/.test(max))
    throw badRequest('Parameter max: not a whole number from 1 to 9999.', 'max');
  const permitted = permit(request, 'search-type', 'Observation');
  checkHidden(request);
  const sorts = parameters.some(([name]) => name === '_sort');
  if (sorts && call.handling === 'strict') throw notSupported(`${UNSORTED}.`, '_sort');
  const others = parameters.filter(([name]) => name !== 'max' && name !== '_sort');
  if (!others.some(([name]) => /^(patient|subject)\b/.test(name)))
    throw badRequest('$lastn needs the patient or the subject of the Observations.', 'patient');
  const parsed = parseFor(request, 'Observation', others, call.handling);
  const ignored = sorts ? [issue('not-supported', `${UNSORTED}; it was ignored.`, '_sort', 'warning')] : [];
  const search: SearchRequest = { ...parsed, warnings: [...parsed.warnings, ...ignored] };
  const filter = and(await resolveSearch(request, 'Observation', search.filter), permitted);
  const understood = [...search.understood, ['max', max] as const];
  const links = new PageLinks(request, 'Observation/$lastn', understood, parameters);
  const from = links.position();
  return readStale(request, { seen: links.seen, isOfOneMoment: false }, async (inner) => {
    const latest = latestOfEach(await loadNewestFirst(inner, filter), Number(max));
    const page = pageOf(latest, search, from?.values);
    return searchAnswer(inner, search, links, { ...page, total: latest.length });
  });
}

/** Which is the last of a code tells of codes and dates. Throws 403. */
function checkHidden({ principal, server }: Request): void {
  const { isHidden } = hiddenTest(principal);
  for (const name of ['code', 'date']) {
    const parameter = server.registry.get('Observation', name);
    if (parameter !== undefined && isHidden?.('Observation', parameter) === true)
      throw forbidden(`Observation.${name} is not yours to search by`);
  }
}

const UNSORTED = 'Parameter _sort: the latest of each code have one order, newest first';

async function loadNewestFirst({ server, db }: Request, filter: Expression) {
  if (!(await server.tables.exists('Observation'))) return [];
  const found = await searchPage(db.openEnded ?? db, {
    registry: server.registry,
    resourceType: 'Observation',
    filter,
    sort: [{ param: 'date', type: 'range', descending: true }],
    count: SCANNED_MAX,
  });
  if (found.next)
    throw tooCostly(`More than ${SCANNED_MAX} Observations match; narrow them by category, code or date`);
  return found.versions;
}

/** A later one may show that two codes mean the same: the groups are known only when all have been looked at. */
function latestOfEach(versions: readonly StoredVersion[], max: number): Entry[] {
  const groups = new CodeGroups();
  const codes = versions.map(({ content }) => (JSON.parse(content) as Observation).code);
  for (const code of codes) groups.join(code);
  const counts = new Map<string, number>();
  return versions.flatMap(({ id, content }, i): Entry[] => {
    const group = groups.groupOf(codes[i]);
    const count = (counts.get(group) ?? 0) + 1;
    counts.set(group, count);
    return count <= max ? [{ resourceType: 'Observation', id, content, mode: 'match' }] : [];
  });
}

/** All, unless `_count` asks for pages. A page begins behind the last of the one before; if that is gone, where it was. */
function pageOf(
  latest: readonly Entry[],
  { count, summary, understood }: SearchRequest,
  from: readonly SortValue[] | undefined,
): FoundPage {
  if (summary === 'count') return { matches: [] };
  if (!understood.some(([name]) => name === '_count')) return { matches: latest };
  const [lastId, place] = from ?? [];
  const at = latest.findIndex(({ id }) => id === lastId);
  const start = at < 0 ? Number(place ?? 0) : at + 1;
  const matches = latest.slice(start, start + count);
  const last = matches.at(-1);
  const isMore = last !== undefined && start + count < latest.length;
  return { matches, ...(isMore && { next: [last.id, start + count - 1] }) };
}
