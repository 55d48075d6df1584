/** `resource` of a Reference. https://hl7.org/fhir/R4/graphql.html#references */
import type { Resource } from '@medplum/fhirtypes';
import type { GraphQLFieldResolver } from 'graphql';
import { isResourceType } from '../../fhir/definitions/index.ts';
import { notFound } from '../../fhir/outcome.ts';
import { localReference } from '../../search/index.ts';
import { type GraphqlContext, isObject } from './context.ts';

/** Throws 404 for what cannot be resolved, unless it is optional: in the same words whatever the reason. */
export const resolveReference: GraphQLFieldResolver<unknown, GraphqlContext> = async (
  source,
  { optional, type },
  context,
  { fieldNodes },
) => {
  if (!isObject(source)) return null;
  // `resource(type: Patient)` was rewritten to fragments, and may stand several times.
  const wanted = typeof type === 'string' ? [type] : context.restrictions.of(fieldNodes);
  const isWanted = (name: string): boolean => wanted === undefined || wanted.includes(name);
  const { reference } = source;
  const text = typeof reference === 'string' ? reference : '';
  const local = localReference(text, context.request.server.config.fhirBase);
  if (local && isResourceType(local.type) && !isWanted(local.type)) return null;
  const found = text.startsWith('#')
    ? context.disclosure.contained(source, text.slice(1))
    : await loadLocal(context, local);
  if (found && !isWanted(found.resourceType)) return null;
  if (found) context.budget.spend(fieldNodes, 1);
  else if (optional !== true) throw notFound('A reference leads to nothing that can be shown here');
  return found ?? null;
};

const loadLocal = async (
  { references }: GraphqlContext,
  local: ReturnType<typeof localReference>,
): Promise<Resource | undefined> =>
  local && isResourceType(local.type) ? references.load(local.type, local.id) : undefined;
