/** `_include` and `_revinclude`, set by set. https://hl7.org/fhir/R4/search.html#revinclude */
import type { OperationOutcomeIssue, Resource } from '@medplum/fhirtypes';
import { FhirError, issue } from '../fhir/outcome.ts';
import {
  and,
  type Expression,
  type Include,
  localReference,
  not,
  or,
  referenceText,
  type SearchRequest,
} from '../search/index.ts';
import { findIds, readSets, type StoredVersion } from '../storage/index.ts';
import { disclose } from './disclose.ts';
import { checkIndexed, permit } from './permit.ts';
import { referenceParameters, referTo } from './refer-to.ts';
import type { Entry } from './searchset.ts';
import type { Request } from './server.ts';

interface Found {
  readonly entries: readonly Entry[];
  readonly issues: readonly OperationOutcomeIssue[];
}

type Reference = readonly [type: string, id: string];

/**
 * What the matches of one page bring along: at most `includesMax` resources, each once and none that is a match. What the
 * caller may not read is left out. When there are more, an issue says so.
 */
export async function findIncludes(
  request: Request,
  matches: readonly Entry[],
  { includes, revincludes }: Pick<SearchRequest, 'includes' | 'revincludes'>,
): Promise<Found> {
  if (includes.length === 0 && revincludes.length === 0) return { entries: [], issues: [] };
  const { includesMax, includeDepthMax } = request.server.config.search;
  const seen = new Set(matches.map((m) => `${m.resourceType}/${m.id}`));
  const entries: Entry[] = [];
  const read = async (sources: readonly Entry[], isFirst: boolean, room: number): Promise<Entry[]> => [
    ...(await referred(request, sources, isFirst ? includes : includes.filter((i) => i.iterate), seen, room)),
    ...(await referring(request, sources, isFirst ? revincludes : revincludes.filter((i) => i.iterate), seen, room)),
  ]; // prettier-ignore
  let round: readonly Entry[] = matches;
  for (let depth = 0; round.length > 0; depth += 1) {
    const isBeyond = depth === includeDepthMax;
    // Beyond the last round one is enough to know that there are more.
    const room = isBeyond ? 0 : includesMax - entries.length;
    const found = await read(round, depth === 0, room);
    if (isBeyond) return { entries, issues: found.length > 0 ? [tooDeep(includeDepthMax)] : [] };
    round = found.slice(0, room);
    entries.push(...round);
    if (found.length > room) return { entries, issues: [incomplete(includesMax)] };
  }
  return { entries, issues: [] };
}

const incomplete = (max: number): OperationOutcomeIssue =>
  issue(
    'incomplete',
    `The page includes only the first ${max} resources; ask for fewer matches by _count to see the others`,
    '_include',
    'warning',
  );

const tooDeep = (max: number): OperationOutcomeIssue =>
  issue(
    'incomplete',
    `Includes with :iterate are followed ${max} times; what the last ones refer to is missing`,
    '_include',
    'warning',
  );

async function referred(
  request: Request,
  sources: readonly Entry[],
  includes: readonly Include[],
  seen: Set<string>,
  room: number,
): Promise<Entry[]> {
  const wanted = new Map<string, Set<string>>();
  if (includes.length > 0)
    for (const source of sources)
      for (const [type, id] of references(request, source, includes)) {
        if (seen.has(`${type}/${id}`)) continue;
        const ids = wanted.get(type);
        if (ids) ids.add(id);
        else wanted.set(type, new Set([id]));
      }
  return fresh(await findByIds(request, wanted, room + 1), seen);
}

/** All types in one statement, in the order in which they were first referred to. */
async function findByIds(
  request: Request,
  wanted: ReadonlyMap<string, ReadonlySet<string>>,
  limit: number,
): Promise<Entry[]> {
  const { server, db } = request;
  const types = await server.tables.existing([...wanted.keys()]);
  const sets = types.flatMap((resourceType) => {
    const filter = permittedOf(request, resourceType);
    return filter === undefined ? [] : [{ resourceType, ids: [...wanted.get(resourceType)!], filter }];
  });
  const versions = await readSets(db, server.registry, sets, limit);
  const found = new Map(versions.map((v) => [`${v.resourceType}/${v.id}`, v]));
  return sets.flatMap(({ resourceType, ids }) =>
    ids.flatMap((id) => {
      const version = found.get(`${resourceType}/${id}`);
      return version ? [toEntry(resourceType, version)] : [];
    }),
  );
}

/** References of one resource that the includes name. */
function references(request: Request, source: Entry, includes: readonly Include[]): Reference[] {
  const { registry, config } = request.server;
  const { resourceType } = source;
  const mine = includes.filter((i) => i.sourceType === '*' || i.sourceType === resourceType);
  if (mine.length === 0) return [];
  const resource = JSON.parse(disclose(request, resourceType, source.content)) as Resource;
  return mine.flatMap(({ param, targetType }) =>
    registry.references(resourceType, param).flatMap(({ select, target }) =>
      select([resource]).flatMap((value): Reference[] => {
        const local = localReference(referenceText(value) ?? '', config.fhirBase);
        if (!local || (target !== undefined && target !== local.type)) return [];
        return targetType === undefined || targetType === local.type ? [[local.type, local.id]] : [];
      }),
    ),
  );
}

async function referring(
  request: Request,
  targets: readonly Entry[],
  revincludes: readonly Include[],
  seen: Set<string>,
  room: number,
): Promise<Entry[]> {
  const found = await Promise.all(
    revincludes.map(async ({ sourceType, param, targetType }) => {
      checkIndexed(request, sourceType);
      const ids = targets.filter((t) => targetType === undefined || t.resourceType === targetType);
      const refer = or(
        ...referenceParameters(request, sourceType, param).map((p) => referTo(request, sourceType, p, ids)),
      );
      if (refer.kind === 'none') return [];
      // Not to fill the limit with what is there already.
      const known = [...seen].flatMap((name) => {
        const [type, id] = name.split('/') as [string, string];
        return type === sourceType ? [id] : [];
      });
      const wanted = known.length === 0 ? refer : and(refer, not({ kind: 'id', ids: known }));
      return find(request, sourceType, wanted, room + 1);
    }),
  );
  return fresh(found.flat(), seen);
}

/** Nothing where the caller has no right at all, or the type was never written. */
async function find(
  request: Request,
  resourceType: string,
  wanted: Expression,
  limit: number,
): Promise<Entry[]> {
  const { server, db } = request;
  const permitted = permittedOf(request, resourceType);
  if (permitted === undefined || !(await server.tables.exists(resourceType))) return [];
  const versions = await findIds(db, server.registry, resourceType, wanted, permitted, limit);
  return versions.map((version) => toEntry(resourceType, version));
}

/** Undefined where the caller has no right to the type at all. */
function permittedOf(request: Request, resourceType: string): Expression | undefined {
  try {
    return permit(request, 'read', resourceType);
  } catch (error) {
    if (error instanceof FhirError && error.status === 403) return undefined;
    throw error;
  }
}

const toEntry = (resourceType: string, { id, content }: StoredVersion): Entry => ({
  resourceType,
  id,
  content,
  mode: 'include',
});

/** Each resource once, whichever way it was found. */
function fresh(found: readonly Entry[], seen: Set<string>): Entry[] {
  return found.filter(({ resourceType, id }) => {
    const name = `${resourceType}/${id}`;
    if (seen.has(name)) return false;
    seen.add(name);
    return true;
  });
}
