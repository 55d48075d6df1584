/**
 * Decimals keep their precision: `1.00` is sent as it came, though as a JavaScript number it is 1. The text is kept beside the
 * object that holds the number. https://hl7.org/fhir/R4/datatypes.html#decimal
 */
import { randomUUID } from 'node:crypto';
import type { NumberAt } from './scan-json.ts';

type Container = Record<string, unknown>;

/** Object or array → member or index → text of its number. */
const texts = new WeakMap<object, Map<string, string>>();
/** All that hold such a number somewhere inside. */
const holders = new WeakSet();

/** Remembers the texts of numbers in a value that was parsed from the same JSON. */
export function keepNumbers(value: unknown, numbers: readonly NumberAt[]): void {
  for (const { path, text } of numbers) {
    let container = value as Container;
    for (const [i, step] of path.entries()) {
      holders.add(container);
      if (i < path.length - 1) container = container[step] as Container;
      else keepNumber(container, String(step), text);
    }
  }
}

/** Remembers how a number was written that stands in a member of an object; settleNumbers is to follow. */
export function keepNumber(container: object, member: string, text: string): void {
  const kept = texts.get(container);
  if (kept) kept.set(member, text);
  else texts.set(container, new Map([[member, text]]));
}

/** To be called where an object is copied member by member: what it holds directly goes along. */
export function carryNumbers<T extends object>(from: object, to: T): T {
  if (!holders.has(from)) return to;
  holders.add(to);
  const kept = texts.get(from);
  if (kept) texts.set(to, kept);
  return to;
}

/** `JSON.rawJSON` is newer than the types of the library. https://tc39.es/proposal-json-parse-with-source/ */
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => unknown };

function asWritten(this: object, member: string, value: unknown): unknown {
  if (typeof value !== 'number') return value;
  const text = texts.get(this)?.get(member);
  return text !== undefined && Number(text) === value ? rawJSON(text) : value;
}

/** JSON.stringify with the numbers of parsed text as they were written. */
export const toJson = (value: object, indent?: number): string =>
  holders.has(value) ? JSON.stringify(value, asWritten, indent) : JSON.stringify(value, undefined, indent);

/** No text of a client begins with it. */
const MARK = `\u{10FFFD}${randomUUID()} `;

/** A copy in which such numbers are marked texts, for what copies and moves values without knowing of their texts. */
export function markNumbers(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !holders.has(value)) return value;
  const kept = texts.get(value);
  const marked = (member: string | number, child: unknown): unknown => {
    const text = typeof child === 'number' ? kept?.get(String(member)) : undefined;
    return text !== undefined && Number(text) === child ? MARK + text : markNumbers(child);
  };
  if (Array.isArray(value)) return value.map((item: unknown, i) => marked(i, item));
  return Object.fromEntries(Object.entries(value).map(([member, child]) => [member, marked(member, child)]));
}

/** The value of one member, marked if it is such a number. */
export function markedNumber(container: object, member: string): unknown {
  const value = (container as Container)[member];
  const text = typeof value === 'number' ? texts.get(container)?.get(member) : undefined;
  return text !== undefined && Number(text) === value ? MARK + text : value;
}

/** JSON text of a value with marked numbers. */
export const markedToJson = (value: unknown): string =>
  JSON.stringify(value, (_member, child: unknown) =>
    typeof child === 'string' && child.startsWith(MARK) ? rawJSON(child.slice(MARK.length)) : child,
  );

export const hasKeptNumbers = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && holders.has(value);

/** A deep copy. */
export function copyJson<T>(value: T): T {
  if (Array.isArray(value)) return carryNumbers(value, value.map(copyJson)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([member, child]) => [member, copyJson(child)]));
  return carryNumbers(value, copy) as T;
}

/** The text of a number goes with it from one member to another; a number without a text loses that of the one before. */
export function carryNumber(from: object, member: string, to: object, toMember: string): void {
  const text = texts.get(from)?.get(member);
  if (text !== undefined) keepNumber(to, toMember, text);
  else texts.get(to)?.delete(toMember);
}

/** To be called when parts have been moved into a value: those around them are told that there is something to keep. */
export function settleNumbers(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const isHolder = Object.values(value).map(settleNumbers).some(Boolean) || texts.has(value);
  if (isHolder) holders.add(value);
  return isHolder;
}

/** A number as it was written. */
export function numberText(container: object, member: string | number, value: number): string {
  const text = texts.get(container)?.get(String(member));
  return text !== undefined && Number(text) === value ? text : String(value);
}
