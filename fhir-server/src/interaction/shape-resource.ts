/** `_elements` and `_summary`: a resource with only some of its elements. https://hl7.org/fhir/R4/search.html#elements */
import type { Resource } from '@medplum/fhirtypes';
import { structure, type ElementDefinition } from '../fhir/definitions/index.ts';
import { carryNumbers, parseStored, toJson } from '../fhir/json/index.ts';
import type { SearchRequest } from '../search/index.ts';

/** https://hl7.org/fhir/R4/resource.html#tag-updated: tells a client that it must not send this back as an update. */
const SUBSETTED = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'SUBSETTED',
};

type Json = Record<string, unknown>;
type Shape = Pick<SearchRequest, 'summary' | 'elements'>;

/** Undefined when resources are to be sent whole, as they are stored. */
export function shaper({ summary, elements }: Shape): ((content: string) => string) | undefined {
  const pick = elements ? ofElements(elements) : ofSummary(summary);
  if (!pick) return undefined;
  return (content) => {
    const resource = parseStored<Resource & Json>(content);
    const picked = pick(resource);
    const meta = (picked['meta'] ?? {}) as { tag?: unknown[] };
    picked['meta'] = { ...meta, tag: [...(meta.tag ?? []), SUBSETTED] };
    return toJson(picked);
  };
}

type Picker = (resource: Resource & Json) => Json;

function ofSummary(summary: SearchRequest['summary']): Picker | undefined {
  switch (summary) {
    case 'true':
      return (resource) => summaryOf(resource, resource.resourceType, resource.resourceType);
    case 'text':
      return (resource) => withMandatory(resource, new Set(['text']));
    case 'data':
      return (resource) => filterProperties(resource, (name) => name !== 'text');
    case 'count':
    case 'false':
      return undefined;
  }
}

function ofElements(elements: readonly string[]): Picker {
  const wanted = new Set(elements);
  return (resource) => withMandatory(resource, wanted);
}

const ALWAYS = new Set(['resourceType', 'id', 'meta']);

/** Elements without which the resource would not be valid come along. */
function withMandatory(resource: Resource & Json, wanted: ReadonlySet<string>): Json {
  const definitions = structure(resource.resourceType)?.elements ?? [];
  return filterProperties(resource, (name) => {
    if (ALWAYS.has(name) || wanted.has(name)) return true;
    const element = definitionOf(definitions, `${resource.resourceType}.${name}`);
    return element !== undefined && (element.min > 0 || wanted.has(baseName(element)));
  });
}

/** `_birthDate` carries the extensions of `birthDate` and goes with it. */
const filterProperties = (json: Json, keep: (name: string) => boolean): Json =>
  carryNumbers(
    json,
    Object.fromEntries(Object.entries(json).filter(([name]) => keep(name.replace(/^_/, '')))),
  );

const baseName = ({ path }: ElementDefinition): string =>
  path.slice(path.lastIndexOf('.') + 1).replace('[x]', '');

/** Of `Observation.valueQuantity` that of `Observation.value[x]`. */
function definitionOf(
  definitions: readonly ElementDefinition[],
  path: string,
): ElementDefinition | undefined {
  return definitions.find(
    (e) => e.path === path || (e.path.endsWith('[x]') && isChoice(path, e.path.slice(0, -3))),
  );
}

const isChoice = (path: string, stem: string): boolean =>
  path.startsWith(stem) && /^[A-Z]/.test(path.slice(stem.length));

function summaryOf(json: Json, path: string, resourceType: string): Json {
  const definitions = structure(resourceType)?.elements ?? [];
  const picked: Json = {};
  for (const [name, value] of Object.entries(json)) {
    const plain = name.replace(/^_/, '');
    const element = definitionOf(definitions, `${path}.${plain}`);
    const isRoot = path === resourceType && ALWAYS.has(plain);
    if (!isRoot && element?.summary !== true) continue;
    const isBackbone = element?.types.some((t) => t.code === 'BackboneElement') === true;
    picked[name] = isBackbone ? summaries(value, element.path, resourceType) : value;
  }
  return carryNumbers(json, picked);
}

const summaries = (value: unknown, path: string, resourceType: string): unknown =>
  Array.isArray(value)
    ? value.map((item) => summaryOf(item as Json, path, resourceType))
    : summaryOf(value as Json, path, resourceType);
