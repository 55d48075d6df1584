/** Elements as they stand in JSON: a value, what stands beside a primitive, and the type that a choice's name tells. https://hl7.org/fhir/R4/json.html */
import { isObject, type JsonObject, type Run } from './run.ts';

export interface Item {
  /** Undefined where only something beside it is there. */
  readonly value: unknown;
  /** Id and extensions of a primitive. */
  readonly beside: JsonObject | undefined;
  /** Of a choice. */
  readonly type?: string;
}

/** Reports what is wrong with an element at a FHIRPath. */
export type Check = (item: Item, at: string, run: Run) => void;

const EMPTY: JsonObject = {};

/** Where the children of an element are. */
export const parentOf = ({ value, beside }: Item): JsonObject =>
  isObject(value) ? value : (beside ?? EMPTY);

/** The name of a choice's type in JSON → the type: `DateTime` → `dateTime`. */
export type Suffixes = ReadonlyMap<string, string>;

/** All repeats of a child. `suffixes` for a choice, whose name is then without `[x]`. */
export function collect(parent: JsonObject, name: string, suffixes?: Suffixes): Item[] {
  if (suffixes === undefined) return itemsOf(parent[name], parent[`_${name}`]);
  for (const member of Object.keys(parent)) {
    const bare = member.startsWith('_') ? member.slice(1) : member;
    if (!bare.startsWith(name)) continue;
    const type = suffixes.get(bare.slice(name.length));
    if (type !== undefined) return itemsOf(parent[bare], parent[`_${bare}`], type);
  }
  return [];
}

function itemsOf(value: unknown, beside: unknown, type?: string): Item[] {
  if (value === undefined && beside === undefined) return [];
  const make = (v: unknown, b: unknown): Item => {
    const item = { value: v ?? undefined, beside: isObject(b) ? b : undefined };
    return type === undefined ? item : { ...item, type };
  };
  if (!Array.isArray(value) && !Array.isArray(beside)) return [make(value, beside)];
  const values = Array.isArray(value) ? (value as unknown[]) : [];
  const besides = Array.isArray(beside) ? (beside as unknown[]) : [];
  return Array.from({ length: Math.max(values.length, besides.length) }, (_, i) =>
    make(values[i], besides[i]),
  );
}
