/**
 * What a search asks of other resources, made ready for SQL: each of them is limited to what the caller may see, types that
 * were never written match nothing, lists and value sets become what they contain.
 */
import type { List } from '@medplum/fhirtypes';
import { FhirError } from '../fhir/outcome.ts';
import {
  and,
  type Expression,
  isLocal,
  localReference,
  NONE,
  not,
  or,
  tokensBySystem,
} from '../search/index.ts';
import { climbHierarchy, readCurrent } from '../storage/index.ts';
import { codesAbove, codesBelow, expandForSearch } from '../terminology/index.ts';
import { disclose } from './disclose.ts';
import { permit } from './permit.ts';
import type { Request } from './server.ts';
import { isOwner, withoutRelationOf } from './shared-relation.ts';
import { terminologySource } from './terminology-source.ts';

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
      const { sourceType, param } = expression;
      const isOfMatch = resourceType === 'Patient' && isOwner(request.server.registry, sourceType, param);
      // Whoever matches is a Patient whom the caller may find: to that, every search for Patients is limited.
      const ofPatients = isOfMatch ? await visible(request, 'Patient') : undefined;
      const of = await resolveRemote(request, sourceType, expression.of, ofPatients);
      return of.kind === 'none' ? NONE : { ...expression, of };
    }
    case 'hierarchy': {
      const seen = await visible(request, expression.targetType);
      // Steps of a hierarchy are not filtered one by one, so that only who sees them all may climb it.
      if (seen.kind !== 'all') return NONE;
      return climbHierarchy(request.db, request.server.registry, resourceType, expression);
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

async function resolveRemote(
  request: Request,
  resourceType: string,
  of: Expression,
  ofPatients?: Expression,
): Promise<Expression> {
  const right = await visible(request, resourceType);
  const seen = ofPatients === undefined ? right : withoutRelationOf(right, ofPatients);
  return seen.kind === 'none' ? NONE : and(await resolveSearch(request, resourceType, of), seen);
}

/** https://hl7.org/fhir/R4/search.html#list */
async function listed(request: Request, resourceType: string, id: string): Promise<Expression> {
  const seen = await visible(request, 'List');
  if (seen.kind === 'none') return NONE;
  const { server, db } = request;
  const version = await readCurrent(db, server.registry, 'List', id, seen);
  if (version === undefined || version.deleted) return NONE;
  const { entry = [] } = JSON.parse(disclose(request, 'List', version.content)) as List;
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
  const limits = request.server.config.terminology;
  const tokens = tokensBySystem(request.server.registry, resourceType, param);
  if (relation === 'in') {
    const {
      codes: members,
      systems,
      queries = [],
    } = await placed(param, expandForSearch(source, of, limits));
    return or(
      ...members.map(({ system, code }) => tokens.code(system, code)),
      ...systems.map((system) => tokens.any(system)),
      ...queries.map(({ system, codes }) => tokens.found(system, codes)),
    );
  }
  const bar = of.indexOf('|');
  const [system, code] = [of.slice(0, bar), of.slice(bar + 1)];
  const related = relation === 'above' ? codesAbove : codesBelow;
  const found = await placed(param, related(source, system, code, limits));
  return Array.isArray(found)
    ? or(...found.map((c) => tokens.code(system, c)))
    : tokens.found(system, found.codes);
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
