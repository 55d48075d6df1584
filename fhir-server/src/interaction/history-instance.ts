/** history-instance: the versions of one resource, newest first. https://hl7.org/fhir/R4/http.html#history */
import { tooCostly } from '../fhir/outcome.ts';
import type { Expression } from '../search/index.ts';
import { countVersions, readVersions, type HistoryPeriod, type StoredVersion } from '../storage/index.ts';
import type { Answer } from './answer.ts';
import { fillPage } from './fill-page.ts';
import { historyAnswer } from './history-bundle.ts';
import { parseHistoryParameters, type Parameters } from './history-parameters.ts';
import { decodeCursor, encodeCursor } from './page-cursor.ts';
import { permit, unknownResource } from './permit.ts';
import type { Request } from './server.ts';
import { mayReadVersions } from './vread.ts';

/** One resource's versions within a period, as far as the filter lets them be seen. */
interface Versions {
  readonly resourceType: string;
  readonly id: string;
  readonly filter: Expression;
  readonly period: HistoryPeriod;
}

/** Throws 404 where nothing of the resource is visible; for a period in which nothing is, the answer is empty. */
export async function historyInstance(
  request: Request,
  resourceType: string,
  id: string,
  given: Parameters,
  handling: 'strict' | 'lenient',
): Promise<Answer> {
  const { server, principal } = request;
  const filter = permit(request, 'history-instance', resourceType);
  const parameters = parseHistoryParameters(server, given, handling);
  const { period, count, cursor } = parameters;
  const path = `${resourceType}/${id}/_history`;
  const scope = `${path}?${parameters.query}`;
  const start = cursor === undefined ? undefined : decodeCursor(server.config, cursor, scope, principal);
  if (!(await server.tables.exists(resourceType))) throw unknownResource(resourceType, id);
  const versions: Versions = { resourceType, id, filter, period };
  const isWhole = period.since === undefined && period.at === undefined && start === undefined;
  if (count === 0) {
    const total = await countVisible(request, versions);
    if (total === 0 && isWhole) throw unknownResource(resourceType, id);
    return historyAnswer(request, path, parameters, { versions: [], next: undefined, total });
  }
  const { visible, last } = await visibleVersions(request, versions, count, start && Number(start[0]));
  if (visible.length === 0 && isWhole) throw unknownResource(resourceType, id);
  // A further page behind nothing visible would tell of a resource that the caller may not know.
  const next = visible.length === 0 && start === undefined ? undefined : last;
  return historyAnswer(request, path, parameters, {
    versions: visible.map((version) => ({ ...version, resourceType })),
    next: next && encodeCursor(server.config, [next.versionId], scope, principal),
    total: start === undefined && last === undefined ? visible.length : undefined,
  });
}

const visibleVersions = (
  { server, db }: Request,
  { resourceType, id, filter, period }: Versions,
  wanted: number,
  before?: number,
) =>
  fillPage<{ versionId: number }, StoredVersion>(
    wanted,
    before === undefined ? undefined : { versionId: before },
    (after, limit) => readVersions(db, resourceType, id, { ...period, before: after?.versionId, limit }),
    filter.kind === 'all' ? 'all' : (found) => mayReadVersions({ server, db }, resourceType, found, filter),
  );

async function countVisible(request: Request, versions: Versions): Promise<number> {
  const { resourceType, id, filter, period } = versions;
  if (filter.kind === 'all') return countVersions(request.db, resourceType, id, period);
  const { visible, last } = await visibleVersions(request, versions, Infinity);
  if (last === undefined) return visible.length;
  throw tooCostly('There are too many versions to count; narrow the history by _since', '_count');
}
