/** StructureDefinition → JSON Schemas, one for each type and backbone element. https://hl7.org/fhir/R4/json.html */
import {
  structure,
  valueSetCodes,
  type ElementDefinition,
  type ElementType,
} from '../fhir/definitions/index.ts';
import type { ObjectRule } from './object-rule.ts';
import { PRIMITIVE_CHECKS } from './primitive-format.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Name of a type or path of a backbone element → $id of its schema. */
export const schemaId = (name: string): string => `fhir:${name}`;

const ref = (name: string): JsonSchema => ({ $ref: schemaId(name) });
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The schemas of a type and of all backbone elements in it, by $id. The types it refers to are not among them. */
export function typeSchemas(typeName: string): JsonSchema[] {
  const elements = structure(typeName)?.elements ?? [];
  const byParent = Map.groupBy(elements, (e) => e.path.slice(0, e.path.lastIndexOf('.')));
  return [...byParent].map(([parent, children]) =>
    objectSchema(parent, children, byParent, parent === typeName),
  );
}

type ByParent = ReadonlyMap<string, readonly ElementDefinition[]>;

function objectSchema(
  path: string,
  children: readonly ElementDefinition[],
  byParent: ByParent,
  isType: boolean,
): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  const required: ObjectRule['required'][number][] = [];
  const choices: ObjectRule['choices'][number][] = [];
  if (isType && structure(path)?.kind === 'resource') properties['resourceType'] = { const: path };
  for (const child of children) {
    if (child.max === '0') continue;
    const members = elementMembers(child, byParent);
    const name = child.path.slice(path.length + 1).replace('[x]', '');
    for (const [member, schema] of members) properties[member] = schema;
    const names = members.map(([member]) => member);
    if (child.min > 0) required.push({ name, members: names });
    if (child.path.endsWith('[x]'))
      choices.push({ name: `${name}[x]`, members: names.filter((n) => !n.startsWith('_')) });
  }
  const rule: ObjectRule = { required, choices };
  return {
    $id: schemaId(path),
    type: 'object',
    minProperties: 1,
    properties,
    additionalProperties: false,
    fhirObject: rule,
    ...(path === 'Extension' ? { fhirExtension: true } : {}),
  };
}

/** JSON members by which an element may be given: several for a choice, and the sibling with `_` for a primitive. */
function elementMembers(element: ElementDefinition, byParent: ByParent): [string, JsonSchema][] {
  const name = element.path.slice(element.path.lastIndexOf('.') + 1);
  if (element.contentReference !== undefined)
    return [[name, repeated(element, ref(element.contentReference))]];
  const isChoice = name.endsWith('[x]');
  return element.types.flatMap((type): [string, JsonSchema][] => {
    const member = isChoice ? name.slice(0, -3) + capital(type.code) : name;
    const value: [string, JsonSchema] = [member, repeated(element, valueSchema(element, type, byParent))];
    return type.code in PRIMITIVE_CHECKS
      ? [value, [`_${member}`, repeated(element, extensionOnly(element))]]
      : [value];
  });
}

/** What stands beside a primitive: its id and extensions; in an array null where there is none. */
const extensionOnly = (element: ElementDefinition): JsonSchema =>
  element.max === '1' ? ref('Element') : { anyOf: [{ type: 'null' }, ref('Element')] };

/** Arrays are never empty. */
function repeated(element: ElementDefinition, items: JsonSchema): JsonSchema {
  if (element.max === '1') return items;
  return {
    type: 'array',
    minItems: 1,
    ...(element.max === '*' ? {} : { maxItems: Number(element.max) }),
    items,
  };
}

function valueSchema(element: ElementDefinition, type: ElementType, byParent: ByParent): JsonSchema {
  if (byParent.has(element.path)) return ref(element.path);
  const { requiredBinding: binding } = element;
  const bound = binding !== undefined && valueSetCodes(binding) !== undefined ? { fhirBinding: binding } : {};
  // In an array of primitives null stands where only the sibling array has something.
  if (type.code in PRIMITIVE_CHECKS)
    return { fhirPrimitive: { type: type.code, nullable: element.max !== '1' }, ...bound };
  if (type.code === 'Resource')
    return { fhirResource: element.path.endsWith('.contained') ? 'contained' : 'any' };
  const targets = type.targets === undefined ? {} : { fhirTargets: type.targets };
  return { ...ref(type.code), ...bound, ...targets };
}
