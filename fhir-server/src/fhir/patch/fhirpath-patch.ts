/** FHIRPath Patch: operations add, insert, delete, replace and move. https://hl7.org/fhir/R4/fhirpatch.html */
import type { Resource } from '@medplum/fhirtypes';
import { copyJson, settleNumbers } from '../json/index.ts';
import { childOf } from './element.ts';
import { type Json, locate, type Location } from './locate.ts';
import { addChild, insertInto, isList, lengthOf, memberOf, readValue } from './patch-value.ts';
import { malformed, notApplicable, OPERATIONS_MAX } from './refusals.ts';

/** One operation as it stands in the Parameters. */
interface Operation {
  readonly type: string;
  readonly path: string;
  readonly parts: ReadonlyMap<string, Json>;
  readonly place: string;
}

/**
 * The resource after all operations; the one given stays as it is. Throws 400 for Parameters that are no patch, and 422 for an
 * operation that cannot be applied: its path leads to nothing or to several elements, or the index is outside of the list.
 */
export function applyFhirPathPatch(resource: Resource, parameters: unknown): Resource {
  const patched = copyJson(resource);
  for (const operation of readOperations(parameters)) {
    const apply = Object.hasOwn(APPLY, operation.type) ? APPLY[operation.type] : undefined;
    if (apply === undefined)
      throw malformed(`The type must be one of ${Object.keys(APPLY).join(', ')}`, `${operation.place}.type`);
    apply(patched, operation);
  }
  settleNumbers(patched);
  return patched;
}

const APPLY: Readonly<Record<string, (resource: Resource, operation: Operation) => void>> = {
  add: (resource, operation) => {
    const { value, path } = single(resource, operation, operation.path);
    const name = text(operation, 'name');
    addChild(objectOf(value, operation), part(operation, 'value'), name, path, operation.place);
  },

  insert: (resource, operation) => {
    const { container, member, path } = listAt(resource, operation);
    const index = whole(operation, 'index');
    if (index > lengthOf(container, member)) throw outside(operation, 'index');
    insertInto(container, member, index, readValue(part(operation, 'value'), path, operation.place));
  },

  delete: (resource, operation) => {
    const found = locate(resource, operation.path, operation.place);
    if (found.length > 1) throw several(operation);
    if (found[0]) remove(resource, found[0], operation);
  },

  replace: (resource, operation) => {
    const { container, member, index, path, parentPath } = single(resource, operation, operation.path);
    if (container === undefined)
      throw notApplicable('The resource itself cannot be replaced', operation.place);
    const element = childOf(parentPath, member);
    const value = readValue(part(operation, 'value'), element?.path ?? path, operation.place);
    if (index !== undefined) {
      removeItem(container, member, index);
      insertInto(container, member, index, value);
      return;
    }
    const to = element === undefined ? member : memberOf(element, value);
    delete container[member];
    delete container[`_${member}`];
    value.put(container, to);
  },

  move: (resource, operation) => {
    const { container, member } = listAt(resource, operation);
    const [source, destination] = [whole(operation, 'source'), whole(operation, 'destination')];
    const length = lengthOf(container, member);
    if (source >= length) throw outside(operation, 'source');
    if (destination >= length) throw outside(operation, 'destination');
    for (const name of [member, `_${member}`]) {
      const list = container[name];
      if (!Array.isArray(list)) continue;
      while (list.length < length) list.push(null);
      list.splice(destination, 0, ...(list.splice(source, 1) as unknown[]));
    }
  },
};

function readOperations(parameters: unknown): Operation[] {
  const { resourceType, parameter = [] } = (parameters ?? {}) as {
    resourceType?: unknown;
    parameter?: unknown;
  };
  if (resourceType !== 'Parameters')
    throw malformed('A FHIRPath Patch is a Parameters resource', 'Parameters');
  if (!Array.isArray(parameter))
    throw malformed('Parameters.parameter must be an array', 'Parameters.parameter');
  if (parameter.length > OPERATIONS_MAX)
    throw malformed(`A patch may have at most ${OPERATIONS_MAX} operations`, 'Parameters.parameter');
  return parameter.map((value: unknown, i) => readOperation(value, `Parameters.parameter[${i}]`));
}

function readOperation(value: unknown, place: string): Operation {
  const { name, part: parts } = (value ?? {}) as { name?: unknown; part?: unknown };
  if (name !== 'operation') throw malformed('Each parameter of a patch is named operation', `${place}.name`);
  if (!Array.isArray(parts)) throw malformed('An operation has parts', `${place}.part`);
  const byName = new Map<string, Json>();
  for (const [i, one] of (parts as unknown[]).entries()) {
    const { name: partName } = (one ?? {}) as { name?: unknown };
    if (typeof partName !== 'string') throw malformed('A part has a name', `${place}.part[${i}]`);
    if (byName.has(partName)) throw malformed('The part is there twice', `${place}.part[${i}]`);
    byName.set(partName, one as Json);
  }
  const read = { type: '', path: '', parts: byName, place };
  return { ...read, type: text(read, 'type'), path: text(read, 'path') };
}

function part({ parts, place }: Operation, name: string): Json {
  const found = parts.get(name);
  if (found === undefined) throw malformed(`The operation has no ${name}`, place);
  return found;
}

function text(operation: Operation, name: string): string {
  const { valueString, valueCode } = part(operation, name);
  const value = valueString ?? valueCode;
  if (typeof value === 'string' && value !== '') return value;
  throw malformed(`${name} must be text`, `${operation.place}.${name}`);
}

function whole(operation: Operation, name: string): number {
  const { valueInteger } = part(operation, name);
  if (Number.isInteger(valueInteger) && (valueInteger as number) >= 0) return valueInteger as number;
  throw malformed(`${name} must be a whole number from 0 (valueInteger)`, `${operation.place}.${name}`);
}

const several = ({ path, place }: Operation) =>
  notApplicable(`${path.slice(0, 200)} leads to several elements`, place);
const outside = ({ place }: Operation, name: string) =>
  notApplicable(`${name} is outside of the list`, `${place}.${name}`);

function single(resource: Resource, operation: Operation, path: string): Location {
  const [found, second] = locate(resource, path, `${operation.place}.path`);
  if (found === undefined) throw notApplicable(`${path.slice(0, 200)} leads to nothing`, operation.place);
  if (second !== undefined) throw several(operation);
  return found;
}

function objectOf(value: unknown, { place }: Operation): Json {
  if (typeof value === 'object' && value !== null) return value as Json;
  throw notApplicable('Elements can be added to complex elements only', place);
}

/** A list is named by its parent and its name, since it may be empty. */
function listAt(resource: Resource, operation: Operation): { container: Json; member: string; path: string } {
  const [, parentPath, name] = /^(.+)\.\s*([A-Za-z]+)\s*$/s.exec(operation.path) ?? [];
  if (parentPath === undefined || name === undefined)
    throw malformed('The path must end in the name of a list', `${operation.place}.path`);
  const parent = single(resource, operation, parentPath);
  const element = childOf(parent.path, name);
  if (element === undefined || !isList(element))
    throw notApplicable(`${operation.path.slice(0, 200)} is no list`, operation.place);
  return { container: objectOf(parent.value, operation), member: name, path: element.path };
}

/** What becomes empty by it goes too. */
function remove(resource: Resource, { container, member, index }: Location, operation: Operation): void {
  if (container === undefined) throw notApplicable('The resource itself cannot be deleted', operation.place);
  if (index !== undefined) removeItem(container, member, index);
  else {
    delete container[member];
    delete container[`_${member}`];
  }
  prune(resource as unknown as Json);
}

function removeItem(container: Json, member: string, index: number): void {
  for (const name of [member, `_${member}`]) {
    const list = container[name];
    if (!Array.isArray(list)) continue;
    list.splice(index, 1);
    if (list.length === 0 || list.every((item) => item === null)) delete container[name];
  }
}

/** Objects and arrays without content, from the inside out. */
function prune(value: Json): void {
  for (const [member, child] of Object.entries(value)) {
    if (typeof child !== 'object' || child === null) continue;
    if (Array.isArray(child)) {
      for (const item of child) if (isComplex(item)) prune(item);
      value[member] = child.filter((item) => !isComplex(item) || Object.keys(item).length > 0);
      if ((value[member] as unknown[]).length === 0) delete value[member];
    } else {
      prune(child as Json);
      if (Object.keys(child).length === 0) delete value[member];
    }
  }
}

const isComplex = (value: unknown): value is Json => typeof value === 'object' && value !== null;
