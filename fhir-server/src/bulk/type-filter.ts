/** `_typeFilter`: searches that a resource must match. https://hl7.org/fhir/uv/bulkdata/STU2/export.html#_typefilter-experimental-query-parameter */
import { FhirError, notSupported } from '../fhir/outcome.ts';
import { hiddenTest, type Request, resolveSearch } from '../interaction/index.ts';
import { ALL, type Expression, isLocal, or, parseConditions } from '../search/index.ts';

/** Throws 400 for what is no condition on the resource itself: a version is also decided on by its content alone. */
export async function typeFilter(
  request: Request,
  resourceType: string,
  queries: readonly string[] | undefined,
): Promise<Expression> {
  if (queries === undefined || queries.length === 0) return ALL;
  const parts: Expression[] = [];
  for (const query of queries) parts.push(await conditionsOf(request, resourceType, query));
  return or(...parts);
}

async function conditionsOf(request: Request, resourceType: string, query: string): Promise<Expression> {
  const { registry, config } = request.server;
  const pairs = [...new URLSearchParams(query)];
  if (pairs.length === 0)
    throw notSupported('Parameter _typeFilter: a query has no conditions', '_typeFilter');
  for (const [name] of pairs)
    if (name !== '_filter' && registry.get(resourceType, name.split(/[:.]/)[0]!) === undefined)
      throw notSupported(
        `Parameter _typeFilter: ${name.slice(0, 64)} is no condition on ${resourceType}`,
        '_typeFilter',
      );
  try {
    const context = { registry, baseUrl: config.fhirBase, ...hiddenTest(request.principal) };
    const found = await resolveSearch(request, resourceType, parseConditions(resourceType, pairs, context));
    if (isLocal(found)) return found;
  } catch (error) {
    if (!(error instanceof FhirError) || error.status !== 400) throw error;
    const issues = error.outcome.issue.map((i) => ({ ...i, expression: ['_typeFilter'] }));
    throw new FhirError(400, issues);
  }
  throw notSupported(
    'Parameter _typeFilter: only conditions on the resource itself are supported, not chains and texts',
    '_typeFilter',
  );
}
