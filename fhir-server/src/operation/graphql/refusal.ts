/** Errors as GraphQL has them, with an OperationOutcome in each. https://hl7.org/fhir/R4/graphql.html#errors */
import { GraphQLError } from 'graphql';
import { FhirError, issue } from '../../fhir/outcome.ts';

export const CONTENT_TYPE = 'application/json';

/** The refusal that GraphQL errors come to. What none of our resolvers meant to say is thrown as it is. */
export function refusal(errors: readonly unknown[]): FhirError {
  const told = errors.map((error) => {
    const own = error instanceof GraphQLError ? (error.originalError ?? error) : error;
    if (own instanceof FhirError) return { error, fault: own };
    if (!(own instanceof GraphQLError)) throw own;
    return { error, fault: new FhirError(400, [issue('invalid', own.message, 'query')]) };
  });
  const text = JSON.stringify({
    data: null,
    errors: told.map(({ error, fault }) => ({
      message: fault.message,
      ...(error instanceof GraphQLError ? { locations: error.locations, path: error.path } : {}),
      extensions: { resource: fault.outcome },
    })),
  });
  const [first] = told;
  const { status = 400, outcome, headers } = first?.fault ?? {};
  return new FhirError(status, outcome?.issue ?? [], { ...headers }, { contentType: CONTENT_TYPE, text });
}
