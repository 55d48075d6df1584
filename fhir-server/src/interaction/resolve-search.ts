/**
 * What a search asks of other resources, made ready for SQL: each of them is limited to what the caller may see, types that
 * were never written match nothing, lists and value sets become what they contain.
 */
import type { CodeSystem, List, ValueSet } from '@medplum/fhirtypes';
import { FhirError } from '../fhir/outcome.ts';
import {
  and,
  type Expression,
  isLocal,
  localReference,
  NONE,
  not,
  or,
  tokenCodeKey,
  tokensBySystem,
  uriKey,
} from '../search/index.ts';
import { findIds, readCurrent, type StoredVersion } from '../storage/index.ts';
import { codesAbove, codesBelow, expandForSearch, type TerminologySource } from '../terminology/index.ts';
import { permit } from './permit.ts';
import type { Request } from './server.ts';

/** Resources of one canonical url that are compared by their version; whoever keeps more names the version. */
const VERSIONS_MAX = 50;

/** Throws 400 for a value set or code system that is not known, or too large. */
export async function resolveSearch(
  request: Request,
  resourceType: string,
  expression: Expression,
): Promise<Expression> {
  if (isLocal(expression)) return expression;
  switch (expression.kind) {
    case 'and':
      return and(...(await resolveAll(request, resourceType, expression.of)));
    case 'or':
      return or(...(await resolveAll(request, resourceType, expression.of)));
    case 'not':
      return not(await resolveSearch(request, resourceType, expression.of));
    case 'chain': {
      const of = await resolveRemote(request, expression.targetType, expression.of);
      return of.kind === 'none' ? NONE : { ...expression, of };
    }
    case 'has': {
      const of = await resolveRemote(request, expression.sourceType, expression.of);
      return of.kind === 'none' ? NONE : { ...expression, of };
    }
    case 'hierarchy': {
      const seen = await visible(request, expression.targetType);
      // Steps of a hierarchy are not filtered one by one, so that only who sees them all may climb it.
      return seen.kind === 'all' ? expression : NONE;
    }
    case 'list':
      return listed(request, resourceType, expression.id);
    case 'codes':
      return codes(request, resourceType, expression);
    default:
      return expression;
  }
}

const resolveAll = (request: Request, resourceType: string, of: readonly Expression[]) =>
  Promise.all(of.map((e) => resolveSearch(request, resourceType, e)));

/** What the caller can find of a type: nothing where he has no right or the type was never written. */
async function visible(request: Request, resourceType: string): Promise<Expression> {
  const permitted = permitted403(request, resourceType);
  return (await request.server.tables.exists(resourceType)) ? permitted : NONE;
}

function permitted403(request: Request, resourceType: string): Expression {
  try {
    return permit(request, 'search-type', resourceType);
  } catch (error) {
    if (error instanceof FhirError && error.status === 403) return NONE;
    throw error;
  }
}

async function resolveRemote(request: Request, resourceType: string, of: Expression): Promise<Expression> {
  const seen = await visible(request, resourceType);
  return seen.kind === 'none' ? NONE : and(await resolveSearch(request, resourceType, of), seen);
}

/** https://hl7.org/fhir/R4/search.html#list */
async function listed(request: Request, resourceType: string, id: string): Promise<Expression> {
  const seen = await visible(request, 'List');
  if (seen.kind === 'none') return NONE;
  const { server, db } = request;
  const version = await readCurrent(db, server.registry, 'List', id, seen);
  if (version === undefined || version.deleted) return NONE;
  const { entry = [] } = JSON.parse(version.content) as List;
  const ids = entry.flatMap(({ item, deleted }) => {
    const target = localReference(item?.reference ?? '', server.config.fhirBase);
    return target?.type === resourceType && deleted !== true ? [target.id] : [];
  });
  return ids.length === 0 ? NONE : { kind: 'id', ids };
}

async function codes(
  request: Request,
  resourceType: string,
  { param, relation, of }: Expression & { kind: 'codes' },
): Promise<Expression> {
  const source = terminologySource(request);
  const tokens = tokensBySystem(request.server.registry, resourceType, param);
  if (relation === 'in') {
    const { codes: members, systems } = await placed(param, expandForSearch(source, of));
    return or(
      ...members.map(({ system, code }) => tokens.code(system, code)),
      ...systems.map((system) => tokens.any(system)),
    );
  }
  const bar = of.indexOf('|');
  const [system, code] = [of.slice(0, bar), of.slice(bar + 1)];
  const found = await placed(param, (relation === 'above' ? codesAbove : codesBelow)(source, system, code));
  return or(...found.map((c) => tokens.code(system, c)));
}

/** Names the parameter in what is refused. */
async function placed<T>(param: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    const issues = error.outcome.issue.map((i) => ({ ...i, expression: i.expression ?? [param] }));
    throw new FhirError(error.status, issues, error.headers);
  }
}

/** Value sets and code systems of this server that the caller may see. */
function terminologySource(request: Request): TerminologySource {
  return {
    valueSet: (canonical) => byCanonical<ValueSet>(request, 'ValueSet', canonical),
    codeSystem: (url) => byCanonical<CodeSystem>(request, 'CodeSystem', url),
  };
}

async function byCanonical<T extends { version?: string }>(
  request: Request,
  resourceType: 'ValueSet' | 'CodeSystem',
  canonical: string,
): Promise<T | undefined> {
  const seen = await visible(request, resourceType);
  if (seen.kind === 'none') return undefined;
  const { server, db } = request;
  const local = localReference(canonical, server.config.fhirBase);
  const [url = '', version] = canonical.split('|');
  if (local?.type === resourceType) {
    const byId = { kind: 'id', ids: [local.id] } as const;
    const [found] = await findIds(db, server.registry, resourceType, byId, seen, 1);
    return found && (JSON.parse(found.content) as T);
  }
  const byUrl = { kind: 'key', keys: [uriKey('url', url)] } as const;
  // The version as a token of datatype string is found in lower case.
  const byVersion = { kind: 'key', keys: [tokenCodeKey('version', version?.toLowerCase() ?? '')] } as const;
  const wanted: Expression = version === undefined ? byUrl : and(byUrl, byVersion);
  const found = await findIds(db, server.registry, resourceType, wanted, seen, VERSIONS_MAX);
  return newest<T>(found, version);
}

/** R4 leaves it to the server which version a canonical without one means: https://hl7.org/fhir/R4/references.html#canonical */
function newest<T extends { version?: string }>(
  versions: readonly StoredVersion[],
  version: string | undefined,
): T | undefined {
  return versions
    .map(({ content, lastUpdated }) => ({ resource: JSON.parse(content) as T, lastUpdated }))
    .filter(({ resource }) => version === undefined || resource.version === version)
    .sort((a, b) => compareVersions(b.resource.version, a.resource.version) || b.lastUpdated - a.lastUpdated)
    .at(0)?.resource;
}

/** 10.1 is above 9.2, and any version above none. */
const compareVersions = (a = '', b = ''): number => a.localeCompare(b, 'en', { numeric: true });
