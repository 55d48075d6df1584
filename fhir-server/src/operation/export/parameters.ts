/** Parameters of a bulk export, of the query or of a Parameters resource. https://hl7.org/fhir/uv/bulkdata/STU2/export.html#query-parameters */
import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { isResourceType } from '../../fhir/definitions/index.ts';
import { badRequest, notSupported } from '../../fhir/outcome.ts';
import type { OperationCall } from '../../interaction/index.ts';

export interface ExportParameters {
  /** Undefined where none is named. */
  readonly types: readonly string[] | undefined;
  readonly filters: readonly (readonly [resourceType: string, query: string])[];
  /** In ms since the epoch. */
  readonly since: number | undefined;
  readonly elements: Readonly<Record<string, readonly string[]>>;
  /** Ids of Patients. */
  readonly patients: readonly string[] | undefined;
  /** Whether the client said that what is not understood may be ignored. */
  readonly isLenient: boolean;
}

const FORMATS = new Set(['application/fhir+ndjson', 'application/ndjson', 'ndjson']);
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const PATIENT = /^(?:.*\/)?Patient\/([A-Za-z0-9\-.]{1,64})$/;
const NEGOTIATION = new Set(['_format', '_pretty']);
const KNOWN = new Set(['_outputFormat', '_since', '_type', '_typeFilter', '_elements', 'patient']);

/** Throws 400 for what is malformed and, unless the client wants leniency, for what is not known. */
export function exportParameters(call: OperationCall): ExportParameters {
  const isLenient = call.prefers.includes('handling=lenient');
  const sent = bodyParameters(call.body);
  const pairs = [...call.parameters, ...sent].filter(([name]) => !NEGOTIATION.has(name));
  const unknown = pairs.find(([name]) => !KNOWN.has(name));
  if (unknown && !isLenient)
    throw notSupported(`$export has no parameter ${unknown[0].slice(0, 64)}`, unknown[0].slice(0, 64));
  if (call.parameters.some(([name]) => name === 'patient'))
    throw badRequest('Parameter patient: is sent by POST, in a Parameters resource', 'patient');
  const all = (name: string): string[] => pairs.flatMap(([n, value]) => (n === name ? [value] : []));
  for (const format of all('_outputFormat'))
    // A plus sign that is not escaped comes as a space.
    if (!FORMATS.has(format.replace(' ', '+')))
      throw notSupported('Parameter _outputFormat: files are application/fhir+ndjson', '_outputFormat');
  const since = all('_since').map((text) => text.replace(' ', '+'));
  if (since.length > 1 || since.some((text) => !INSTANT.test(text) || Number.isNaN(Date.parse(text))))
    throw badRequest('Parameter _since: one instant such as 2024-05-01T10:00:00Z', '_since');
  const patients = all('patient').map(patientId);
  return {
    types: typesOf(all('_type'), isLenient),
    filters: all('_typeFilter').flatMap(queriesOf),
    since: since[0] === undefined ? undefined : Date.parse(since[0]),
    elements: elementsOf(all('_elements')),
    patients: patients.length === 0 ? undefined : [...new Set(patients)],
    isLenient,
  };
}

function bodyParameters(body: unknown): (readonly [string, string])[] {
  if (body === undefined) return [];
  const resource: Partial<Parameters> | null = body;
  if (typeof resource !== 'object' || resource?.resourceType !== 'Parameters')
    throw badRequest('The body of an operation must be a Parameters resource', 'Parameters');
  const { parameter = [] } = resource;
  if (!Array.isArray(parameter))
    throw badRequest('Parameters.parameter must be an array', 'Parameters.parameter');
  return parameter.map((p: ParametersParameter | null, i) => {
    const value =
      p?.valueReference?.reference ?? p?.valueString ?? p?.valueInstant ?? p?.valueUri ?? p?.valueCode;
    if (typeof p?.name !== 'string' || typeof value !== 'string')
      throw badRequest(
        'A parameter needs a name and a string, instant or reference',
        `Parameters.parameter[${i}]`,
      );
    return [p.name, value];
  });
}

function patientId(reference: string): string {
  const id = PATIENT.exec(reference)?.[1];
  if (id === undefined)
    throw badRequest('Parameter patient: a reference to a Patient is expected', 'patient');
  return id;
}

function typesOf(values: readonly string[], isLenient: boolean): readonly string[] | undefined {
  if (values.length === 0) return undefined;
  const names = values.flatMap((value) => value.split(',')).map((name) => name.trim());
  const unknown = names.find((name) => !isResourceType(name));
  if (unknown !== undefined && !isLenient) throw badRequest('Parameter _type: not a resource type.', '_type');
  return [...new Set(names.filter(isResourceType))];
}

/** Queries come one by one or with commas between them; a comma within one is not followed by a type. */
function queriesOf(value: string): (readonly [string, string])[] {
  return value.split(/,(?=[A-Z][A-Za-z]+\?)/).map((text) => {
    const mark = text.indexOf('?');
    const resourceType = text.slice(0, mark);
    if (mark < 1 || !isResourceType(resourceType))
      throw badRequest('Parameter _typeFilter: a search such as Observation?status=final', '_typeFilter');
    return [resourceType, text.slice(mark + 1)];
  });
}

function elementsOf(values: readonly string[]): Record<string, string[]> {
  const elements: Record<string, string[]> = {};
  for (const name of values.flatMap((value) => value.split(','))) {
    const [first = '', second, ...more] = name.trim().split('.');
    const isGood = more.length === 0 && /^[A-Za-z]+$/.test(second ?? first) && (second === undefined || isResourceType(first)); // prettier-ignore
    if (!isGood) throw badRequest('Parameter _elements: elements such as id or Patient.name', '_elements');
    const [type, element] = second === undefined ? ['*', first] : [first, second];
    (elements[type] ??= []).push(element);
  }
  return elements;
}
