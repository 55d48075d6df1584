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
  tokenKey,
  tokenSystemKey,
  uriKey,
} from '../search/index.ts';
import { findIds, readCurrent } from '../storage/index.ts';
import { codesAbove, codesBelow, expandForSearch, type TerminologySource } from '../terminology/index.ts';
import { permit } from './permit.ts';
import type { Request } from './server.ts';

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
      return codes(request, expression);
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
  { param, relation, of }: Expression & { kind: 'codes' },
): Promise<Expression> {
  const source = terminologySource(request);
  if (relation === 'in') {
    const { codes: members, systems } = await expandForSearch(source, of);
    return or(
      { kind: 'key', keys: members.map(({ system, code }) => tokenKey(param, system, code)) },
      { kind: 'key', keys: systems.map((system) => tokenSystemKey(param, system)) },
    );
  }
  const bar = of.indexOf('|');
  const [system, code] = [of.slice(0, bar), of.slice(bar + 1)];
  const found = await (relation === 'above' ? codesAbove : codesBelow)(source, system, code);
  return or({ kind: 'key', keys: found.map((c) => tokenKey(param, system, c)) });
}

/** Value sets and code systems of this server that the caller may see. */
function terminologySource(request: Request): TerminologySource {
  return {
    valueSet: (canonical) => byCanonical<ValueSet>(request, 'ValueSet', canonical),
    codeSystem: (url) => byCanonical<CodeSystem>(request, 'CodeSystem', url),
  };
}

async function byCanonical<T>(
  request: Request,
  resourceType: 'ValueSet' | 'CodeSystem',
  canonical: string,
): Promise<T | undefined> {
  const seen = await visible(request, resourceType);
  if (seen.kind === 'none') return undefined;
  const { server, db } = request;
  const local = localReference(canonical, server.config.fhirBase);
  const [url = '', version] = canonical.split('|');
  const wanted: Expression =
    local?.type === resourceType
      ? { kind: 'id', ids: [local.id] }
      : and(
          { kind: 'key', keys: [uriKey('url', url)] },
          ...(version === undefined
            ? []
            : [{ kind: 'key', keys: [tokenKey('version', '', version)] } as const]),
        );
  const [found] = await findIds(db, server.registry, resourceType, wanted, seen, 1);
  return found && (JSON.parse(found.content) as T);
}
