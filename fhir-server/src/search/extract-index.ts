/** What is indexed of a resource: run once per version, when it is written. */
import type { Resource } from '@medplum/fhirtypes';
import { IndexSink } from './index-sink.ts';
import { compartmentKey, type IndexRow } from './index-row.ts';
import { PARAMETER_TYPES } from './parameter/index.ts';
import { localReference, referenceText } from './parameter/reference.ts';
import type { SearchParameterRegistry } from './search-parameter-registry.ts';

export interface ExtractContext {
  readonly registry: SearchParameterRegistry;
  /** The FHIR base without a trailing slash. */
  readonly baseUrl: string;
}

/** The resource must be valid; elements of an unexpected shape are left out rather than refused. */
export function extractIndex(resource: Resource, context: ExtractContext): IndexRow {
  const sink = new IndexSink();
  const input = [resource];
  for (const { parameter, select, compartment } of context.registry.extractors(resource.resourceType)) {
    const values = select(input);
    if (values.length === 0) continue;
    const type = PARAMETER_TYPES[parameter.type];
    for (const value of values) {
      type.index(parameter.code, value, sink, context);
      if (compartment) joinCompartment(value, sink, context.baseUrl);
    }
  }
  if (resource.resourceType === 'Patient' && resource.id !== undefined)
    sink.key(compartmentKey('Patient', resource.id));
  // A Binary has no search parameters: it belongs to whom its security context belongs to (binary.html#security).
  if (resource.resourceType === 'Binary' && resource.securityContext !== undefined)
    joinCompartment(resource.securityContext, sink, context.baseUrl);
  return sink.row();
}

function joinCompartment(value: unknown, sink: IndexSink, baseUrl: string): void {
  const text = referenceText(value);
  const target = text === undefined ? undefined : localReference(text, baseUrl);
  if (target?.type === 'Patient') sink.key(compartmentKey('Patient', target.id));
}
