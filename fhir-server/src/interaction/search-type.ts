/** search-type: one page of matches as a searchset Bundle, of a whole type or of a compartment. https://hl7.org/fhir/R4/http.html#search */
import { and, type Expression, isDirect, isLocal } from '../search/index.ts';
import {
  countMatches,
  estimateMatches,
  hasChain,
  narrowChains,
  type Page,
  type PageQuery,
  searchPage,
} from '../storage/index.ts';
import type { Answer } from './answer.ts';
import { compartmentFilter, type Compartment } from './compartment.ts';
import { permit } from './permit.ts';
import { resolveSearch } from './resolve-search.ts';
import { type Handling, PageLinks, type Parameters, parseFor, searchAnswer } from './search-page.ts';
import type { Entry } from './searchset.ts';
import { isOwner, withoutRelationOf } from './shared-relation.ts';
import type { Request } from './server.ts';
import { readStale } from './stale-read.ts';
import { whereTheyDenyNothing } from './undenied.ts';

export async function searchType(
  request: Request,
  resourceType: string,
  parameters: Parameters,
  handling: Handling = 'lenient',
  compartment?: Compartment,
): Promise<Answer> {
  const { server } = request;
  const { registry } = server;
  const permitted = permit(request, 'search-type', resourceType);
  const within = compartment ? [compartmentFilter(server, resourceType, compartment)] : [];
  const search = parseFor(request, resourceType, parameters, handling);
  const path = compartment ? `${compartment.name}/${compartment.id}/${resourceType}` : resourceType;
  const links = new PageLinks(request, path, search.understood, parameters);
  const from = links.position();
  const sought = and(...within, await resolveSearch(request, resourceType, search.filter));
  const filter = and(sought, rightWithin(request, resourceType, sought, permitted));
  const known = await server.tables.exists(resourceType);
  const onlyCount = search.summary === 'count' || search.count === 0;
  const isFound = known && filter.kind !== 'none';
  const { sort, count, includes, revincludes } = search;
  const isWhole = !onlyCount && isFound;
  const mayEstimate = permitted.kind === 'all' && isLocal(search.filter);
  const wanted = onlyCount || (search.total === 'estimate' && !mayEstimate) ? 'accurate' : search.total;
  const answer = async (inner: Request): Promise<Answer> => {
    const { pageBytesMax: bytesMax } = server.config;
    const query: PageQuery = { registry, resourceType, filter, sort, count, bytesMax, from };
    const page: Page = isWhole ? await findPage(inner, query) : { versions: [] };
    const total = await totalOf(inner, resourceType, filter, isFound, wanted);
    const matches = page.versions.map(({ id, content }, i): Entry => {
      const score = page.scores?.[i];
      return { resourceType, id, content, mode: 'match', ...(score !== undefined && { score }) };
    });
    return searchAnswer(inner, search, links, { ...page, matches, total });
  };
  const takesSteps = includes.length > 0 || revincludes.length > 0 || hasChain(filter);
  if (!isFound) return answer(request);
  // What is found in several statements must be of one moment.
  return readStale(request, { seen: links.seen, isOfOneMoment: isWhole && takesSteps }, answer);
}

/**
 * What is left to be asked of what the search finds. A chain to the Patient that a resource belongs to leads through Patients
 * whom the caller may find.
 */
function rightWithin(
  request: Request,
  resourceType: string,
  sought: Expression,
  permitted: Expression,
): Expression {
  const { server } = request;
  const { registry } = server;
  const right = whereTheyDenyNothing(server, sought, permitted);
  const isChained = (sought.kind === 'and' ? sought.of : [sought]).some(
    (part) =>
      part.kind === 'chain' && part.targetType === 'Patient' && isOwner(registry, resourceType, part.param),
  );
  if (!isChained) return right;
  return withoutRelationOf(right, permit(request, 'search-type', 'Patient'));
}

/** What asks of other resources may take long, however few resources its other conditions lead to. */
export async function findPage({ db }: Request, query: PageQuery): Promise<Page> {
  const { registry, resourceType, filter } = query;
  if (isDirect(filter)) return searchPage(db, query);
  const narrowed = await narrowChains(db, registry, resourceType, filter);
  if (narrowed.kind === 'none') return { versions: [] };
  return searchPage(db.openEnded ?? db, { ...query, filter: narrowed });
}

/** https://hl7.org/fhir/R4/search.html#total. An estimate rests on all that is stored: only who may see all gets one, and not of other types. */
async function totalOf(
  { server, db }: Request,
  resourceType: string,
  filter: Expression,
  isFound: boolean,
  wanted: 'none' | 'estimate' | 'accurate',
): Promise<number | undefined> {
  if (wanted === 'none') return undefined;
  if (!isFound) return 0;
  const count = wanted === 'accurate' ? countMatches : estimateMatches;
  return count(db, server.registry, resourceType, filter);
}
