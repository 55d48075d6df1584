/** The one place where interactions ask for the access decision. */
import { decideAccess, type Interaction } from '../access/index.ts';
import { FhirError, forbidden, issue, notFound } from '../fhir/outcome.ts';
import type { Expression } from '../search/index.ts';
import type { Request } from './server.ts';
import { whereNobodyDenies } from './undenied.ts';

/** These look the filter up in the index; the others match it with the content of single versions. */
const BY_INDEX: ReadonlySet<Interaction> = new Set(['read', 'update', 'patch', 'delete', 'history-type']);

/** What only looks at the present is over before a Consent that comes meanwhile has been acknowledged. */
const LOOKS: ReadonlySet<Interaction> = new Set(['read', 'search-type']);

/**
 * The filter that everything this interaction touches must pass. Throws 403 when the caller has no such right at all, 503 when
 * the index that it needs is that of an older version.
 */
export function permit(request: Request, interaction: Interaction, resourceType: string): Expression {
  const filter = rightTo(request, interaction, resourceType);
  if (interaction === 'search-type' || (filter.kind !== 'all' && BY_INDEX.has(interaction)))
    checkIndexed(request, resourceType);
  return filter;
}

/** The same for who does not use the index. */
export function rightTo(request: Request, interaction: Interaction, resourceType: string): Expression {
  const { registry, config } = request.server;
  const decision = decideAccess(request.principal, interaction, resourceType, {
    registry,
    baseUrl: config.fhirBase,
  });
  if (!decision.permitted) throw forbidden(decision.reason);
  return LOOKS.has(interaction) ? whereNobodyDenies(request.server, decision.filter) : decision.filter;
}

/** Rows in the index of an older version would be missed. What goes by id alone needs no index and is no search. */
export function checkIndexed({ server }: Request, resourceType: string): void {
  if (server.registry.isReady(resourceType, '*')) return;
  const text = `${resourceType} is being indexed anew and cannot be searched yet`;
  throw new FhirError(503, [issue('transient', text)], { 'Retry-After': '5' });
}

/** The same filter, or undefined when the caller has no such right at all: for answers that leave such types out. */
export function permitted(
  request: Request,
  interaction: Interaction,
  resourceType: string,
): Expression | undefined {
  try {
    return permit(request, interaction, resourceType);
  } catch (error) {
    if (error instanceof FhirError && error.status === 403) return undefined;
    throw error;
  }
}

/** The same answer for what is not there and for what the caller may not know of. */
export const unknownResource = (resourceType: string, id: string) =>
  notFound(`There is no ${resourceType}/${id}`);
