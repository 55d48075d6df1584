/** `Patient(id: …)`: a read. https://hl7.org/fhir/R4/graphql.html#searching */
import type { GraphQLFieldResolver } from 'graphql';
import { badRequest } from '../../fhir/outcome.ts';
import { loadCurrent } from '../../interaction/index.ts';
import type { GraphqlContext } from './context.ts';

const ID = /^[A-Za-z0-9\-.]{1,64}$/;

/** Throws what a read throws. */
export const resolveRead =
  (resourceType: string): GraphQLFieldResolver<unknown, GraphqlContext> =>
  async (_source, { id }, { request, budget, disclosure }, { fieldNodes }) => {
    if (typeof id !== 'string' || !ID.test(id))
      throw badRequest('An id has 1 to 64 letters, digits, hyphens and dots', `${resourceType}.id`);
    budget.spend(fieldNodes, 1);
    return disclosure.show(resourceType, await loadCurrent(request, resourceType, id));
  };
