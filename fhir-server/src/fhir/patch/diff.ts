/** What has to be done to make one resource of another, as a FHIRPath Patch. https://hl7.org/fhir/R4/fhirpatch.html */
import { isDeepStrictEqual } from 'node:util';
import type { Resource } from '@medplum/fhirtypes';
import { type ElementDefinition, isResourceType, structure } from '../definitions/index.ts';
import { markNumbers } from '../json/index.ts';
import { capital, childOf } from './element.ts';
import type { Json } from './locate.ts';
import { isList } from './patch-value.ts';

/** A Parameters resource. */
export interface PatchParameters {
  readonly resourceType: 'Parameters';
  readonly parameter?: readonly Json[];
}

/** An element as JSON has it, in one or two members of its container. */
interface Field {
  readonly element: ElementDefinition;
  /** `valueQuantity` of `value[x]`. */
  readonly member: string;
}

/** A value with its id and extensions, when it is primitive. */
interface Item {
  readonly value: unknown;
  readonly sibling: unknown;
  /** The code of its type. */
  readonly type: string;
}

/** Words of FHIRPath that elements have as names. http://hl7.org/fhirpath/N1/#keywords */
const KEYWORDS = new Set(['and', 'as', 'contains', 'day', 'days', 'div', 'hour', 'hours', 'implies', 'in', 'is', 'minute', 'minutes', 'mod', 'month', 'months', 'or', 'second', 'seconds', 'week', 'weeks', 'xor', 'year', 'years', 'true', 'false', 'ascending', 'descending']); // prettier-ignore

/**
 * Operations that make `after` of `before` when they are applied in their order, each with the value that was there before.
 * Both are of one type; their ids are not compared. Numbers in the answer are marked: `markedToJson` writes it. With `skipped`
 * those elements of the resource are left alone.
 */
export function diffResources(
  before: Resource,
  after: Resource,
  skipped: ReadonlySet<string> = new Set(),
): PatchParameters {
  const operations: Json[] = [];
  const type = before.resourceType;
  const ignored = new Set([...skipped, 'id', 'resourceType']);
  diffObjects(markNumbers(before) as Json, markNumbers(after) as Json, { at: type, path: type, ignored }, operations); // prettier-ignore
  return {
    resourceType: 'Parameters',
    ...(operations.length > 0 && { parameter: operations }),
  };
}

interface Place {
  /** FHIRPath in the resource. */
  readonly at: string;
  /** Of the definition: `Patient.contact`, `HumanName`. */
  readonly path: string;
  readonly ignored?: ReadonlySet<string>;
}

/** What is new comes first and what is gone last: an element that has nothing in it for a moment could not be found. */
function diffObjects(before: Json, after: Json, place: Place, operations: Json[]): void {
  const [old, now] = [fieldsOf(before, place), fieldsOf(after, place)];
  for (const [path, field] of now)
    if (!old.has(path)) addAll(itemsOf(after, field), field, place, operations);
  for (const [path, field] of now) {
    const was = old.get(path);
    if (was === undefined) continue;
    const [from, to] = [itemsOf(before, was), itemsOf(after, field)];
    const at = below(place, field);
    if (isList(field.element)) diffLists(from, to, field, at, operations);
    else diffItems(from[0]!, to[0]!, field.element, at, operations);
  }
  for (const [path, field] of old)
    if (!now.has(path)) removeAll(itemsOf(before, field), field, below(place, field), operations);
}

const delimited = (name: string): string => (KEYWORDS.has(name) ? `\`${name}\`` : name);

const nameOf = ({ path }: ElementDefinition): string =>
  path.slice(path.lastIndexOf('.') + 1).replace(/\[x\]$/, '');

const below = ({ at }: Place, { element }: Field): string => `${at}.${delimited(nameOf(element))}`;

/** By the definition's path, so that a choice of another type is the same element. */
function fieldsOf(object: Json, { path, ignored }: Place): Map<string, Field> {
  const fields = new Map<string, Field>();
  for (const name of Object.keys(object)) {
    const member = name.startsWith('_') ? name.slice(1) : name;
    if (ignored?.has(member) === true) continue;
    const element = childOf(path, member);
    if (element !== undefined && !fields.has(element.path)) fields.set(element.path, { element, member });
  }
  return fields;
}

function itemsOf(object: Json, { element, member }: Field): Item[] {
  const name = member.slice(nameOf(element).length);
  const type = element.types.find(({ code }) => capital(code) === name)?.code ?? element.types[0]?.code ?? '';
  const [value, sibling] = [object[member], object[`_${member}`]];
  if (!isList(element)) return [{ value, sibling, type }];
  const [values, siblings] = [value, sibling].map((list) => (Array.isArray(list) ? (list as unknown[]) : []));
  return Array.from({ length: Math.max(values!.length, siblings!.length) }, (_, i) => ({
    value: values![i] ?? undefined,
    sibling: siblings![i] ?? undefined,
    type,
  }));
}

const isSame = (a: Item, b: Item): boolean =>
  a.type === b.type && isDeepStrictEqual([a.value, a.sibling], [b.value, b.sibling]);

/** Whether what is in it is compared element by element; other types and resources are replaced as a whole. */
const isOpen = ({ value }: Item): boolean =>
  typeof value === 'object' && value !== null && !('resourceType' in value);

function diffItems(a: Item, b: Item, element: ElementDefinition, at: string, operations: Json[]): void {
  if (isSame(a, b)) return;
  const [old, now] = [a.value, b.value];
  if (isOpen(a) && isOpen(b) && a.type === b.type)
    diffObjects(old as Json, now as Json, { at, path: pathOf(element, a.type) }, operations);
  else
    operations.push(
      operation('replace', at, [valuePart('previousValue', a, element), valuePart('value', b, element)]),
    );
}

/** What has no type of its own has its elements below it in the definition. */
const pathOf = (element: ElementDefinition, type: string): string =>
  isAnonymous(type) ? (element.contentReference ?? element.path) : type;

const isAnonymous = (type: string): boolean => ['', 'BackboneElement', 'Element'].includes(type);

/** What is alike at both ends stays; between them items are compared in pairs, and the others come or go. */
function diffLists(
  old: readonly Item[],
  now: readonly Item[],
  field: Field,
  at: string,
  operations: Json[],
): void {
  const shorter = Math.min(old.length, now.length);
  let start = 0;
  while (start < shorter && isSame(old[start]!, now[start]!)) start += 1;
  let end = 0;
  while (end < shorter - start && isSame(old.at(-1 - end)!, now.at(-1 - end)!)) end += 1;
  const pairs = shorter - start - end;
  for (let i = start; i < start + pairs; i += 1)
    diffItems(old[i]!, now[i]!, field.element, `${at}[${i}]`, operations);
  removeAll(old.slice(start + pairs, old.length - end), field, at, operations, start + pairs);
  for (let i = start + pairs; i < now.length - end; i += 1)
    operations.push(
      operation('insert', at, [
        { name: 'index', valueInteger: i },
        valuePart('value', now[i]!, field.element),
      ]),
    );
}

/** From the last to the first, so that the places of the others stay. `from` is where in the list they begin. */
function removeAll(
  items: readonly Item[],
  { element }: Field,
  at: string,
  operations: Json[],
  from = 0,
): void {
  for (const [i, item] of [...items.entries()].reverse())
    operations.push(
      operation('delete', isList(element) ? `${at}[${from + i}]` : at, [
        valuePart('previousValue', item, element),
      ]),
    );
}

function addAll(items: readonly Item[], { element }: Field, { at }: Place, operations: Json[]): void {
  for (const item of items)
    operations.push(
      operation('add', at, [
        { name: 'name', valueString: nameOf(element) },
        valuePart('value', item, element),
      ]),
    );
}

const operation = (type: string, path: string, parts: readonly Json[]): Json => ({
  name: 'operation',
  part: [{ name: 'type', valueCode: type }, { name: 'path', valueString: path }, ...parts],
});

/** `value[x]`, a resource, or the parts of what has no type of its own. */
function valuePart(name: string, { value, sibling, type }: Item, element: ElementDefinition): Json {
  if (typeof value === 'object' && value !== null) {
    const { resourceType } = value as { resourceType?: unknown };
    if (typeof resourceType === 'string' && isResourceType(resourceType)) return { name, resource: value };
    if (isAnonymous(type)) return { name, part: partsOf(value as Json, pathOf(element, type)) };
  }
  const of = structure(type) === undefined || type === 'xhtml' ? 'String' : capital(type);
  return {
    name,
    ...(value !== undefined && { [`value${of}`]: value }),
    ...(sibling !== undefined && { [`_value${of}`]: sibling }),
  };
}

const partsOf = (object: Json, path: string): Json[] =>
  [...fieldsOf(object, { at: '', path }).values()].flatMap((field) =>
    itemsOf(object, field).map((item) => valuePart(nameOf(field.element), item, field.element)),
  );
