/**
 * The items of FHIRPath collections over the JSON of FHIR: values as they are, and primitives that have an id or extensions.
 * https://hl7.org/fhir/R4/fhirpath.html#types
 */
import { choiceNames, choiceTypes } from '../definitions/index.ts';

export type Item = unknown;
export type Collection = readonly Item[];
export type Json = Readonly<Record<string, unknown>>;

export const EMPTY: Collection = [];

/** A primitive with an id or extensions beside it; `value` is undefined where it has only these. */
export class ExtendedPrimitive {
  readonly value: unknown;
  readonly element: Json;

  constructor(value: unknown, element: Json) {
    this.value = value ?? undefined;
    this.element = element;
  }
}

export const isObject = (item: Item): item is Json =>
  typeof item === 'object' && item !== null && !Array.isArray(item) && !(item instanceof ExtendedPrimitive);

/** The value of a primitive; undefined of one that has none, and itself of all else. */
export const valueOf = (item: Item): unknown => (item instanceof ExtendedPrimitive ? item.value : item);

const siblings = new Map<string, string>();

/** `_birthDate` of `birthDate`. */
function siblingName(name: string): string {
  let sibling = siblings.get(name);
  if (sibling === undefined) {
    sibling = `_${name}`;
    siblings.set(name, sibling);
  }
  return sibling;
}

const choices = choiceNames();
const types = choiceTypes();

/** The member of a choice element that is there: `valueQuantity` of `value`. */
function choiceMember(node: Json, name: string): string | undefined {
  for (const key in node) {
    if (key.length > name.length && key.startsWith(name) && types.has(key.slice(name.length))) return key;
    if (key.startsWith('_') && key.startsWith(name, 1) && types.has(key.slice(name.length + 1)))
      return key.slice(1);
  }
  return undefined;
}

/** The JSON member in which an element stands, if it does. */
function memberOf(node: Json, name: string): string | undefined {
  if (name in node ? Object.hasOwn(node, name) : Object.hasOwn(node, siblingName(name))) return name;
  return choices.has(name) ? choiceMember(node, name) : undefined;
}

/** Whether an element has a child of this name, without making a collection. */
export function hasChild(item: Item, name: string): boolean {
  const node = item instanceof ExtendedPrimitive ? item.element : item;
  if (!isObject(node)) return false;
  const member = memberOf(node, name);
  if (member === undefined) return false;
  const value = node[member] ?? node[siblingName(member)];
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null;
}

/** Adds the children of this name. */
export function addChildren(item: Item, name: string, out: Item[]): void {
  const node = item instanceof ExtendedPrimitive ? item.element : item;
  if (!isObject(node)) return;
  const member = memberOf(node, name);
  if (member !== undefined) addMember(node, member, out);
}

/** Adds the values of a JSON member by its whole name: `valueQuantity`. */
export function addMember(node: Json, member: string, out: Item[]): void {
  const value = node[member];
  const sibling = node[siblingName(member)];
  if (sibling === undefined || sibling === null) {
    if (Array.isArray(value)) {
      for (const one of value as unknown[]) if (one !== null) out.push(one);
    } else if (value !== undefined && value !== null) out.push(value);
    return;
  }
  const values = Array.isArray(value) ? (value as unknown[]) : [value];
  const elements = Array.isArray(sibling) ? (sibling as unknown[]) : [sibling];
  for (let i = 0; i < Math.max(values.length, elements.length); i += 1) {
    const element = elements[i];
    if (isObject(element)) out.push(new ExtendedPrimitive(values[i], element));
    else if (values[i] !== undefined && values[i] !== null) out.push(values[i]);
  }
}

/** Adds all children. */
export function addAllChildren(item: Item, out: Item[]): void {
  const node = item instanceof ExtendedPrimitive ? item.element : item;
  if (!isObject(node)) return;
  for (const key in node) {
    if (key === 'resourceType' || !Object.hasOwn(node, key)) continue;
    if (!key.startsWith('_')) addMember(node, key, out);
    else if (!Object.hasOwn(node, key.slice(1))) addMember(node, key.slice(1), out);
  }
}

/** Depth first; works without recursion, so that depth is no limit. */
export function descendants(items: Collection): Item[] {
  const found: Item[] = [];
  const waiting: Item[] = [];
  for (const item of items) addAllChildren(item, waiting);
  waiting.reverse();
  while (waiting.length > 0) {
    const item = waiting.pop();
    found.push(item);
    const from = waiting.length;
    addAllChildren(item, waiting);
    const added = waiting.splice(from);
    for (let i = added.length - 1; i >= 0; i -= 1) waiting.push(added[i]);
  }
  return found;
}

const MOMENT = /^\d{4}(-\d\d(-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?)?)?$/;

/** First and last millisecond that a date, or a date with time, may mean; undefined for other text. */
export function momentRange(text: string): readonly [first: number, last: number] | undefined {
  if (!MOMENT.test(text)) return undefined;
  const first = Date.parse(text.length === 4 || text.includes('T') || text.length > 7 ? text : `${text}-01`);
  if (Number.isNaN(first)) return undefined;
  if (text.length === 4) return [first, Date.UTC(Number(text) + 1, 0) - 1];
  if (text.length === 7) return [first, Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5)), 1) - 1];
  if (text.length === 10) return [first, first + 86_399_999];
  return [first, first];
}

/** https://hl7.org/fhirpath/N1/#equals */
export function equal(left: Item, right: Item): boolean {
  const a = valueOf(left);
  const b = valueOf(right);
  if (a === b) return true;
  if (typeof a !== typeof b || a === null || b === null) return false;
  if (typeof a === 'string') return sameMoment(a, b as string);
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, i) => equal(one, b[i]))
    );
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equal((a as Json)[key], (b as Json)[key]))
  );
}

/** Date with times in two zones may be the same moment. */
function sameMoment(a: string, b: string): boolean {
  if (a.length < 19 || b.length < 19 || !a.includes('T')) return false;
  const first = momentRange(a);
  const second = momentRange(b);
  return first !== undefined && second !== undefined && first[0] === second[0];
}

/**
 * Below zero when left is less; undefined where that cannot be told, as of dates of different precision.
 * https://hl7.org/fhirpath/N1/#comparison
 */
export function order(left: Item, right: Item): number | undefined {
  const a = valueOf(left);
  const b = valueOf(right);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return orderText(a, b);
  if (isObject(a) && isObject(b)) return orderQuantities(a, b);
  return undefined;
}

function orderText(a: string, b: string): number | undefined {
  const first = momentRange(a);
  const second = momentRange(b);
  if (first === undefined || second === undefined) return a < b ? -1 : a > b ? 1 : 0;
  if (first[0] > second[1]) return 1;
  if (first[1] < second[0]) return -1;
  return a.length === b.length || (a.includes('T') && b.includes('T')) ? first[0] - second[0] : undefined;
}

function orderQuantities(a: Json, b: Json): number | undefined {
  const isOneUnit = a['code'] === b['code'] && a['system'] === b['system'] && (a['code'] !== undefined || a['unit'] === b['unit']); // prettier-ignore
  return isOneUnit ? order(a['value'], b['value']) : undefined;
}
