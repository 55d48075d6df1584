/** Lists and connections, of the system or of what refers to a resource. https://hl7.org/fhir/R4/graphql.html#searching */
import type { Resource } from '@medplum/fhirtypes';
import type { FieldNode, GraphQLFieldResolver } from 'graphql';
import { findPage, permit } from '../../interaction/index.ts';
import { countEach } from '../../storage/index.ts';
import type { Connection, Edge } from './connection.ts';
import type { GraphqlContext } from './context.ts';
import { cursorTo, type Pairs } from './cursor.ts';
import { type FoundList, referenceTo } from './list-loader.ts';
import { checkWhole, nodeOf, parseCall, prepareSearch, type SearchCall } from './search-call.ts';
import { selectorOf } from './select-by-path.ts';
import { selectedFields } from './weights.ts';

/**
 * Of the system it is a search: 403 where the caller may not search the type. Within a resource it is like `_revinclude`: null
 * there, and nothing of what refers to a contained resource, which has no address.
 */
export const resolveList =
  (
    resourceType: string,
    place: 'root' | 'resource',
    isConnection: boolean,
  ): GraphQLFieldResolver<unknown, GraphqlContext> =>
  async (source, given, context, { fieldNodes, fragments }) => {
    const { request, disclosure, lists } = context;
    const names = fieldNodes.flatMap((n) => [...selectedFields(n.selectionSet, fragments)]);
    const wantsTotal = isConnection && names.some(({ name }) => name.value === 'count');
    const own = given as Readonly<Record<string, unknown>>;
    const call = parseCall(request, resourceType, own, { isConnection, wantsTotal });
    const parent = place === 'resource' ? disclosure.identity(source) : undefined;
    if (place === 'resource' && parent === undefined) return null;
    const found = parent ? await lists.load(nodeOf(fieldNodes), call, parent) : await search(context, call);
    if (!found) return null;
    const asked = parent ? [...call.parameters, referenceTo(call, [parent])] : call.parameters;
    return isConnection
      ? connection(context, call, asked, found, fieldNodes)
      : shown(context, call, found, fieldNodes).map(({ resource }) => resource);
  };

/** Throws 403 as a search over REST does. */
async function search({ request }: GraphqlContext, call: SearchCall): Promise<FoundList> {
  const { server, db } = request;
  const { listMax } = server.config.graphql;
  const { resourceType, count = listMax, from } = call;
  const query = await prepareSearch(request, call, permit(request, 'search-type', resourceType));
  if (query.filter.kind === 'none' || !(await server.tables.exists(resourceType)))
    return { versions: [], total: 0 };
  const { pageBytesMax: bytesMax } = server.config;
  const page = count === 0 ? { versions: [] } : await findPage(request, { ...query, count, bytesMax, from });
  checkWhole(page.versions.length, page.next !== undefined, call, listMax);
  const [total] = call.wantsTotal ? await countEach(db, server.registry, resourceType, [query.filter]) : [];
  return { ...page, total };
}

/** In their order, those of which the path is true. */
function shown(
  { disclosure, budget }: GraphqlContext,
  { resourceType, fhirpath }: SearchCall,
  { versions, scores }: FoundList,
  nodes: readonly FieldNode[],
): Edge[] {
  const isChosen = fhirpath === undefined ? () => true : selectorOf(fhirpath, resourceType);
  const edges = versions.flatMap((version, i): Edge[] => {
    const resource: Resource = disclosure.show(resourceType, version);
    return isChosen(resource) ? [{ mode: 'match', score: scores?.[i], resource }] : [];
  });
  budget.spend(nodes, edges.length);
  return edges;
}

function connection(
  context: GraphqlContext,
  call: SearchCall,
  asked: Pairs,
  found: FoundList,
  nodes: readonly FieldNode[],
): Connection {
  const { request } = context;
  const { count = 0, fhirpath } = call;
  const parameters: Pairs = [
    ...asked,
    ['_count', String(count)],
    ...(fhirpath === undefined ? [] : [['fhirpath', fhirpath] as const]),
  ];
  const to = (from: Parameters<typeof cursorTo>[3]): string =>
    cursorTo(request, call.resourceType, parameters, from);
  const { next, previous } = found;
  return {
    count: found.total,
    pagesize: count,
    first: previous && to('first'),
    previous: previous && to({ direction: 'previous', values: previous }),
    next: next && to({ direction: 'next', values: next }),
    edges: shown(context, call, found, nodes),
  };
}
