/** The value of a FHIRPath Patch operation, from the part of Parameters that has it. https://hl7.org/fhir/R4/fhirpatch.html#concept */
import type { ElementDefinition } from '../definitions/index.ts';
import { carryNumber } from '../json/index.ts';
import { childOf } from './element.ts';
import type { Json } from './locate.ts';
import { malformed, notApplicable } from './refusals.ts';

/** A value with what stands beside it when it is primitive: id and extensions. */
export interface PatchValue {
  readonly value: unknown;
  readonly sibling: unknown;
  /** `Quantity` of `valueQuantity`; of an anonymous type undefined. */
  readonly type: string | undefined;
  /** Puts the value where it belongs, decimals to the letter. */
  put(container: Json, member: string): void;
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The JSON member of an element: a choice has its type in the name. */
export function memberOf(element: ElementDefinition, { type }: PatchValue): string {
  const name = element.path.slice(element.path.lastIndexOf('.') + 1);
  return name.endsWith('[x]') ? `${name.slice(0, -3)}${type ?? ''}` : name;
}

export const isList = (element: ElementDefinition): boolean => element.max !== '1';

/** Of a part with `value[x]`, a resource, or parts. `path` is the definition's of the element that the value is for. */
export function readValue(part: Json, path: string, place: string): PatchValue {
  const { resource, part: parts } = part;
  const members = Object.keys(part).filter((name) => /^_?value[A-Z]/.test(name));
  const types = new Set(members.map((name) => name.replace(/^_?value/, '')));
  const given = types.size + (resource === undefined ? 0 : 1) + (parts === undefined ? 0 : 1);
  if (given !== 1) throw malformed('One value is needed: value[x], a resource or parts', place);
  const [type] = types;
  if (type !== undefined) return ofMember(part, `value${type}`, type);
  if (resource !== undefined) return ofMember(part, 'resource', undefined);
  const built = readParts(parts, path, `${place}.part`);
  return ofMember({ built }, 'built', undefined);
}

function ofMember(part: Json, member: string, type: string | undefined): PatchValue {
  return {
    value: part[member],
    sibling: part[`_${member}`],
    type,
    put(container, to) {
      container[to] = part[member];
      if (part[member] === undefined) delete container[to];
      carryNumber(part, member, container, to);
      if (part[`_${member}`] === undefined) delete container[`_${to}`];
      else container[`_${to}`] = part[`_${member}`];
    },
  };
}

/** An anonymous type, part by part. */
function readParts(parts: unknown, path: string, place: string): Json {
  if (!Array.isArray(parts) || parts.length === 0) throw malformed('The parts must be an array', place);
  const built: Json = {};
  for (const [i, part] of parts.entries()) {
    const at = `${place}[${i}]`;
    if (!isObject(part) || typeof part['name'] !== 'string') throw malformed('A part has a name', at);
    addChild(built, part, part['name'], path, at);
  }
  return built;
}

/** Adds an element by name: to the end of a list, or where nothing is yet. Throws 422 for what is there already or cannot be there. */
export function addChild(container: Json, part: Json, name: string, path: string, place: string): void {
  const element = childOf(path, name);
  if (element === undefined) throw notApplicable(`There is no element ${name.slice(0, 64)} here`, place);
  const value = readValue(part, element.path, place);
  const member = memberOf(element, value);
  if (!isList(element)) {
    if (Object.hasOwn(container, member) || Object.hasOwn(container, `_${member}`))
      throw notApplicable(`There is a ${member} already`, place);
    value.put(container, member);
    return;
  }
  insertInto(container, member, lengthOf(container, member), value);
}

export const lengthOf = (container: Json, member: string): number =>
  Math.max(
    ...[member, `_${member}`].map((name) => (Array.isArray(container[name]) ? container[name].length : 0)),
  );

/** In a list of primitives the array of ids and extensions goes along, null where there is none. */
export function insertInto(
  container: Json,
  member: string,
  index: number,
  { value, sibling }: PatchValue,
): void {
  const length = lengthOf(container, member);
  for (const [name, item] of [
    [member, value],
    [`_${member}`, sibling],
  ] as const) {
    if (item === undefined && container[name] === undefined) continue;
    const list = (container[name] ??= Array.from({ length }, () => null)) as unknown[];
    while (list.length < length) list.push(null);
    list.splice(index, 0, item ?? null);
  }
}
