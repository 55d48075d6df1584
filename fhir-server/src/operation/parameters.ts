/** Parameters of an operation, whether in the query or in a Parameters resource. https://hl7.org/fhir/R4/operations.html#request */
import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { badRequest } from '../fhir/outcome.ts';
import type { OperationCall } from '../interaction/index.ts';

type Pairs = readonly (readonly [name: string, value: string])[];

/** All as text. Throws 400 for a body that is no Parameters, and for parameters that are not of a simple type. */
export function simpleParameters({ parameters, body }: OperationCall): Pairs {
  if (body === undefined) return parameters;
  const resource: Partial<Parameters> | null = body;
  if (typeof resource !== 'object' || resource?.resourceType !== 'Parameters')
    throw badRequest('The body of an operation must be a Parameters resource', 'Parameters');
  if (resource.parameter !== undefined && !Array.isArray(resource.parameter))
    throw badRequest('Parameters.parameter must be an array', 'Parameters.parameter');
  return [...parameters, ...(resource.parameter ?? []).map(toPair)];
}

function toPair(parameter: ParametersParameter | null, index: number): readonly [string, string] {
  const place = `Parameters.parameter[${index}]`;
  if (typeof parameter !== 'object' || parameter === null)
    throw badRequest('A parameter is an object', place);
  const values = Object.entries(parameter).filter(([name]) => name.startsWith('value'));
  const [value] = values.map(([, v]) => v as unknown);
  if (typeof parameter.name !== 'string') throw badRequest('The parameter has no name', `${place}.name`);
  if (
    values.length !== 1 ||
    (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
  )
    throw badRequest('The parameter needs one value of a simple type', place);
  return [parameter.name, String(value)];
}
