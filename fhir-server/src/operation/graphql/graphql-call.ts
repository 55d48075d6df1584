/** What a query is sent in: the URL, text, JSON, or Parameters. https://hl7.org/fhir/R4/graphql.html#invoking */
import { badRequest } from '../../fhir/outcome.ts';
import type { OperationCall } from '../../interaction/index.ts';
import { simpleParameters } from '../parameters.ts';
import { isObject } from './context.ts';

export interface GraphqlCall {
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Throws 400. */
export function parseGraphqlCall(call: OperationCall): GraphqlCall {
  const { body } = call;
  const isJson = isObject(body) && body['resourceType'] === undefined;
  const pairs = isJson || typeof body === 'string' ? call.parameters : simpleParameters(call);
  const given: Readonly<Record<string, unknown>> = {
    ...Object.fromEntries(pairs),
    ...(typeof body === 'string' ? { query: body } : {}),
    ...(isJson ? body : {}),
  };
  const { query, operationName, variables } = given;
  if (typeof query !== 'string' || query === '') throw badRequest('The request has no query', 'query');
  if (typeof (operationName ?? '') !== 'string')
    throw badRequest('The name of an operation is text', 'operationName');
  return {
    query,
    operationName:
      operationName === null || operationName === '' ? undefined : (operationName as string | undefined),
    variables: parseVariables(variables),
  };
}

function parseVariables(given: unknown): Readonly<Record<string, unknown>> {
  if (given === undefined || given === null || given === '') return {};
  if (isObject(given)) return given;
  try {
    const parsed: unknown = typeof given === 'string' ? JSON.parse(given) : undefined;
    if (isObject(parsed)) return parsed;
  } catch {
    // Told below.
  }
  throw badRequest('The variables are a JSON object', 'variables');
}
