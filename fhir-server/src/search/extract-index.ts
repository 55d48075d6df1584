/** What is indexed of a resource: run once per version, when it is written. */
import type { Resource } from '@medplum/fhirtypes';
import type { CompositePart, Extractor } from './compile-extractors.ts';
import { extractWords } from './extract-words.ts';
import { refersTo } from './fhirpath-compile.ts';
import { IndexSink } from './index-sink.ts';
import { compartmentKey, presenceKey, type IndexRow } from './index-row.ts';
import { LINKS } from './parameter-form.ts';
import { isSimpleType, PARAMETER_TYPES } from './parameter/index.ts';
import { indexReference, localReference, narrowedParam, referenceText } from './parameter/reference.ts';
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
  for (const extractor of context.registry.extractors(resource.resourceType)) {
    const values = extractor.select(input);
    if (values.length > 0) indexValues(values, extractor, resource, sink, context.baseUrl);
  }
  if (resource.resourceType === 'Patient' && resource.id !== undefined)
    sink.key(compartmentKey('Patient', resource.id));
  // A Binary has no search parameters: it belongs to whom its security context belongs to (binary.html#security).
  if (resource.resourceType === 'Binary' && resource.securityContext !== undefined)
    joinCompartment(resource.securityContext, sink, context.baseUrl);
  return sink.row(extractWords(resource));
}

function indexValues(
  values: readonly unknown[],
  extractor: Extractor,
  resource: Resource,
  sink: IndexSink,
  baseUrl: string,
): void {
  const { parameter, compartment, link, parts, required, apart } = extractor;
  const { code, type } = parameter;
  if (parts) {
    for (const element of values) indexElement(code, element, parts, resource, sink, baseUrl);
    return;
  }
  if (!isSimpleType(type)) return;
  const target = link && { name: link, target: LINKS[link] };
  for (const value of values) {
    if (type === 'reference') indexReference(code, value, sink, baseUrl, target);
    else PARAMETER_TYPES[type].index(code, extractor.isText ? folded(value) : value, sink, { baseUrl });
    if (compartment) joinCompartment(value, sink, baseUrl);
  }
  const isLinked = link !== undefined && sink.hasLink(link);
  // A reference with a display only cannot be found, but is not missing either.
  if (!required && !isLinked && PARAMETER_TYPES[type].store === 'key') sink.key(presenceKey(code));
  if (target && !isLinked && values.some((value) => refersTo(value, target.target)))
    sink.key(presenceKey(narrowedParam(code, target.target)));
  if (apart) for (const { key, select } of apart) if (select([resource]).length === 0) sink.key(key);
}

/** The case of what is text does not matter: https://hl7.org/fhir/R4/search.html#token */
const folded = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value);

/** Parts are indexed as if they were the parameters '0', '1', … of a resource that is this element. */
function indexElement(
  code: string,
  element: unknown,
  parts: readonly CompositePart[],
  resource: Resource,
  sink: IndexSink,
  baseUrl: string,
): void {
  const own = new IndexSink();
  for (const [i, { type, select, ofResource, isText }] of parts.entries()) {
    const before = own.size;
    for (const value of select([ofResource ? resource : element]))
      PARAMETER_TYPES[type].index(String(i), isText ? folded(value) : value, own, { baseUrl });
    // An element that lacks a part can never match.
    if (own.size === before) return;
  }
  const { keys, strings, ranges } = own.row();
  sink.element(code, { keys, strings, ranges });
}

function joinCompartment(value: unknown, sink: IndexSink, baseUrl: string): void {
  const text = referenceText(value);
  const target = text === undefined ? undefined : localReference(text, baseUrl);
  if (target?.type === 'Patient') sink.key(compartmentKey('Patient', target.id));
}
