/** The one place where interactions ask for the access decision. */
import { decideAccess, type Interaction } from '../access/index.ts';
import { forbidden, notFound } from '../fhir/outcome.ts';
import type { Expression } from '../search/index.ts';
import type { Request } from './server.ts';

/** The filter that everything this interaction touches must pass. Throws 403 when the caller has no such right at all. */
export function permit(request: Request, interaction: Interaction, resourceType: string): Expression {
  const { registry, config } = request.server;
  const decision = decideAccess(request.principal, interaction, resourceType, {
    registry,
    baseUrl: config.fhirBase,
  });
  if (!decision.permitted) throw forbidden(decision.reason);
  return decision.filter;
}

/** The same answer for what is not there and for what the caller may not know of. */
export const unknownResource = (resourceType: string, id: string) =>
  notFound(`There is no ${resourceType}/${id}`);
