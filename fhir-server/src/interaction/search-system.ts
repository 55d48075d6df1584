/** search-system, and searches of all types of a compartment. https://hl7.org/fhir/R4/http.html#search */
import { isResourceType, resourceTypes } from '../fhir/definitions/index.ts';
import { badRequest, FhirError, forbidden, notSupported } from '../fhir/outcome.ts';
import { and, type Expression, isLocal, type SearchRequest } from '../search/index.ts';
import { countMatches, estimateMatches, searchTypes, type TypeSearch } from '../storage/index.ts';
import type { Answer } from './answer.ts';
import { type Compartment, compartmentFilter, compartmentTypes } from './compartment.ts';
import { permit } from './permit.ts';
import { resolveSearch } from './resolve-search.ts';
import { type Handling, PageLinks, type Parameters, parseFor, searchAnswer } from './search-page.ts';
import type { Request } from './server.ts';
import { readStale } from './stale-read.ts';

interface Sought extends TypeSearch {
  readonly search: SearchRequest;
}

/** Of the types in `_type`, or of all; those that the caller has no right to search are left out. */
export async function searchSystem(
  request: Request,
  parameters: Parameters,
  handling: Handling = 'lenient',
  compartment?: Compartment,
): Promise<Answer> {
  const { server } = request;
  const possible = compartment ? compartmentTypes(server, compartment) : resourceTypes();
  const types = wantedTypes(parameters, possible);
  const permitted = permittedTypes(request, types);
  if (permitted.size === 0) throw forbidden('You may search none of these resource types');
  const own = parameters.filter(([name]) => name !== '_type');
  checkOrder(own);
  const written = await server.tables.existing([...permitted.keys()]);
  const sought: Sought[] = [];
  for (const type of written.length > 0 ? written : [...permitted.keys()].slice(0, 1)) {
    const search = parseFor(request, type, own, handling);
    const within = compartment ? [compartmentFilter(server, type, compartment)] : [];
    const filter = and(...within, await resolveSearch(request, type, search.filter), permitted.get(type)!);
    sought.push({ resourceType: type, filter, sort: search.sort, search });
  }
  checkCommon(sought);
  const { search } = sought[0]!;
  const path = compartment ? `${compartment.name}/${compartment.id}/*` : '';
  const typed = parameters.filter(([name]) => name === '_type');
  const links = new PageLinks(request, path, [...typed, ...search.understood], parameters);
  const from = links.position();
  const found = sought.filter((s) => written.includes(s.resourceType) && s.filter.kind !== 'none');
  const onlyCount = search.summary === 'count' || search.count === 0;
  const mayEstimate = sought.every(
    (s) => permitted.get(s.resourceType)?.kind === 'all' && isLocal(s.search.filter),
  );
  const wanted = onlyCount || (search.total === 'estimate' && !mayEstimate) ? 'accurate' : search.total;
  return readStale(request, { seen: links.seen, isOfOneMoment: false }, async (inner) => {
    const page = onlyCount
      ? { versions: [] }
      : await searchTypes(inner.db, server.registry, found, search.count, from);
    const total = await totalOf(inner, found, wanted);
    const matches = page.versions.map((v) => ({ ...v, mode: 'match' as const }));
    return searchAnswer(inner, search, links, { ...page, matches, total });
  });
}

/** `_type=Patient,Observation`; repeated, each value must allow a type. */
function wantedTypes(parameters: Parameters, possible: readonly string[]): readonly string[] {
  let types = possible;
  for (const [name, value] of parameters) {
    if (name !== '_type') continue;
    const wanted = value.split(',');
    const unknown = wanted.find((type) => !isResourceType(type));
    if (unknown !== undefined) throw badRequest('Parameter _type: not a resource type.', '_type');
    types = types.filter((type) => wanted.includes(type));
  }
  return types;
}

function permittedTypes(request: Request, types: readonly string[]): Map<string, Expression> {
  const permitted = new Map<string, Expression>();
  for (const type of types) {
    try {
      permitted.set(type, permit(request, 'search-type', type));
    } catch (error) {
      if (!(error instanceof FhirError && error.status === 403)) throw error;
    }
  }
  return permitted;
}

/** R4: parameters have to be common to all types of the search; where some ignored one, they would match too much. */
function checkCommon(sought: readonly Sought[]): void {
  const known = new Set(sought.flatMap(({ search }) => search.understood.map(([name]) => name)));
  for (const { resourceType, search } of sought)
    for (const name of known)
      if (!search.understood.some(([n]) => n === name))
        throw badRequest(
          `${resourceType} has no search parameter ${name.slice(0, 64)}; name types that have it in _type.`,
          name.slice(0, 64),
        );
}

const ORDERED = /^-?(_id|_lastUpdated)$/;

/** Values of parameters are not comparable across types; what every resource has is. */
function checkOrder(parameters: Parameters): void {
  const keys = parameters.flatMap(([name, value]) => (name === '_sort' ? value.split(',') : []));
  if (!keys.every((key) => ORDERED.test(key)))
    throw notSupported(
      'Parameter _sort: across resource types only _id and _lastUpdated have an order; search one type to sort by others.',
      '_sort',
    );
}

async function totalOf(
  { server, db }: Request,
  found: readonly Sought[],
  wanted: 'none' | 'estimate' | 'accurate',
): Promise<number | undefined> {
  if (wanted === 'none') return undefined;
  const count = wanted === 'accurate' ? countMatches : estimateMatches;
  let total = 0;
  for (const { resourceType, filter } of found)
    total += await count(db, server.registry, resourceType, filter);
  return total;
}
