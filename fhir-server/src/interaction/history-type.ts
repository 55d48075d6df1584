/**
 * history-type and history-system: what was written to one type, or to all, newest first.
 * https://hl7.org/fhir/R4/http.html#history
 */
import { resourceTypes } from '../fhir/definitions/index.ts';
import { FhirError, forbidden, tooCostly } from '../fhir/outcome.ts';
import {
  countHistory,
  readHistory,
  type HistoryPosition,
  type HistorySource,
  type TypedVersion,
} from '../storage/index.ts';
import type { Config } from '../platform/config.ts';
import type { Answer } from './answer.ts';
import { fillPage } from './fill-page.ts';
import { historyAnswer } from './history-bundle.ts';
import { parseHistoryParameters, type HistoryParameters, type Parameters } from './history-parameters.ts';
import { decodeCursor, encodeCursor } from './page-cursor.ts';
import { permit } from './permit.ts';
import type { Request } from './server.ts';
import { mayReadVersions } from './vread.ts';

type Handling = 'strict' | 'lenient';

export function historyType(
  request: Request,
  resourceType: string,
  parameters: Parameters,
  handling: Handling,
): Promise<Answer> {
  const filter = permit(request, 'history-type', resourceType);
  return historyOf(request, `${resourceType}/_history`, [{ resourceType, filter }], parameters, handling);
}

/** Of the types whose history the caller may see; the others are left out. Throws 403 when there are none. */
export async function historySystem(
  request: Request,
  parameters: Parameters,
  handling: Handling,
): Promise<Answer> {
  const sources = resourceTypes().flatMap((type) => permitted(request, type));
  if (sources.length === 0) throw forbidden('You may see the history of no resource type');
  return historyOf(request, '_history', sources, parameters, handling);
}

function permitted(request: Request, resourceType: string): HistorySource[] {
  try {
    return [{ resourceType, filter: permit(request, 'history-type', resourceType) }];
  } catch (error) {
    if (error instanceof FhirError && error.status === 403) return [];
    throw error;
  }
}

/**
 * Pages go by a version's place in the order, which later writes do not change: each version that was there when the
 * first page was read comes on exactly one page. What is written meanwhile belongs in front of the first page, unless
 * its transaction takes longer than the reader needs to pass its time; then it is on no page of this run.
 */
async function historyOf(
  request: Request,
  path: string,
  allowed: readonly HistorySource[],
  given: Parameters,
  handling: Handling,
): Promise<Answer> {
  const { server, principal } = request;
  const parameters = parseHistoryParameters(server, given, handling);
  const { count, cursor } = parameters;
  const scope = `${path}?${parameters.query}`;
  const { config } = server;
  const start = cursor === undefined ? undefined : decodePosition(config, cursor, scope, request);
  const written = new Set(await server.tables.existing(allowed.map((s) => s.resourceType)));
  const sources = allowed.filter((s) => written.has(s.resourceType));
  if (count === 0) {
    const total = await countVisible(request, sources, parameters);
    return historyAnswer(request, path, parameters, { versions: [], next: undefined, total });
  }
  const { visible, last } = await visibleVersions(request, sources, parameters, count, start);
  return historyAnswer(request, path, parameters, {
    versions: visible,
    next: last && encodeCursor(config, positionValues(last), scope, principal),
    total: start === undefined && last === undefined ? visible.length : undefined,
  });
}

const positionValues = ({ lastUpdated, resourceType, id, versionId }: HistoryPosition) => [
  lastUpdated,
  resourceType,
  id,
  versionId,
];

function decodePosition(config: Config, cursor: string, scope: string, request: Request): HistoryPosition {
  const values = decodeCursor(config, cursor, scope, request.principal);
  const [lastUpdated, resourceType, id, versionId] = values as [number, string, string, number];
  return { lastUpdated, resourceType, id, versionId };
}

async function visibleVersions(
  { server, db }: Request,
  sources: readonly HistorySource[],
  { period }: HistoryParameters,
  wanted: number,
  start?: HistoryPosition,
) {
  if (sources.length === 0) return { visible: [], last: undefined };
  const filters = new Map(sources.map((s) => [s.resourceType, s.filter]));
  const areVisible = async (versions: readonly TypedVersion[]): Promise<boolean[]> => {
    const byType = [...Map.groupBy(versions, (version) => version.resourceType)];
    const decided = await Promise.all(
      byType.map(([type, of]) => mayReadVersions({ server, db }, type, of, filters.get(type)!)),
    );
    const shown = new Set(byType.flatMap(([, of], i) => of.filter((_, j) => decided[i]?.[j] === true)));
    return versions.map((version) => shown.has(version));
  };
  return fillPage<HistoryPosition, TypedVersion>(
    wanted,
    start,
    (after, limit) => readHistory(db, { registry: server.registry, sources, period, after, limit }),
    sources.every((s) => s.filter.kind === 'all') ? 'all' : areVisible,
  );
}

/** Throws 503 where too many versions would have to be looked at, one by one. */
async function countVisible(
  request: Request,
  sources: readonly HistorySource[],
  parameters: HistoryParameters,
): Promise<number> {
  const free = sources.filter((s) => s.filter.kind === 'all');
  const restricted = sources.filter((s) => s.filter.kind !== 'all');
  const { period } = parameters;
  const counted =
    free.length === 0
      ? 0
      : await countHistory(request.db, { registry: request.server.registry, sources: free, period });
  const { visible, last } = await visibleVersions(request, restricted, parameters, Infinity);
  if (last !== undefined)
    throw tooCostly('There are too many versions to count; narrow the history by _since', '_count');
  return counted + visible.length;
}
