/** Functions of FHIRPath that the compiler knows. https://hl7.org/fhirpath/N1/#functions */
import { addAllChildren, type Collection, descendants, EMPTY, equal, ExtendedPrimitive, isObject, type Item, valueOf } from './item.ts'; // prettier-ignore
import { safePattern } from './pattern.ts';
import type { Node } from './parse.ts';
import { type Environment, NotCompiled, type Select, type Test } from './select.ts';
import { EvaluationError, truth } from './truth.ts';

interface Argument {
  readonly node: Node;
  readonly select: () => Select;
  readonly test: () => Test;
}

/** Makes the selector of a call. Throws NotCompiled for arguments that it leaves to the library. */
type Make = (source: Select, args: readonly Argument[]) => Select;

function only(args: readonly Argument[]): Argument {
  const [argument, ...more] = args;
  if (argument === undefined || more.length > 0) throw new NotCompiled();
  return argument;
}

/** Each once. */
export function union(a: Collection, b: Collection): Collection {
  const found: Item[] = [];
  for (const item of a) if (!found.some((other) => equal(other, item))) found.push(item);
  for (const item of b) if (!found.some((other) => equal(other, item))) found.push(item);
  return found;
}

/** Without arguments, over the whole collection. */
const plain =
  (work: (items: Collection, environment: Environment) => Collection): Make =>
  (source, args) => {
    if (args.length > 0) throw new NotCompiled();
    return (e, f, c) => work(source(e, f, c), e);
  };

/** With one collection as argument. */
const withOther =
  (work: (items: Collection, other: Collection) => Collection): Make =>
  (source, args) => {
    const other = only(args).select();
    return (e, f, c) => work(source(e, f, c), other(e, f, c));
  };

/** With a criterion that is asked of each item. */
const withTest =
  (work: (items: Collection, holds: (item: Item) => boolean) => Collection): Make =>
  (source, args) => {
    const test = only(args).test();
    return (e, f, c) => work(source(e, f, c), (item) => test(e, item, c) === true);
  };

/** Of one text; empty for none. */
const ofText = (items: Collection): string | undefined => {
  if (items.length === 0) return undefined;
  const value = valueOf(items[0]);
  if (items.length > 1) throw new EvaluationError('One text is expected');
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw new EvaluationError('A text is expected');
  return value;
};

const withText = (work: (text: string, other: string) => unknown): Make =>
  withOther((items, others) => {
    const text = ofText(items);
    const other = ofText(others);
    return text === undefined || other === undefined ? EMPTY : [work(text, other)];
  });

const every = (value: boolean) => plain((items) => [items.every((item) => valueOf(item) === value)]);
const some = (value: boolean) => plain((items) => [items.some((item) => valueOf(item) === value)]);

/** Texts and numbers by their value, all else by comparing each with each. */
function isDistinct(items: Collection): boolean {
  const seen = new Set<unknown>();
  const others: Item[] = [];
  for (const item of items) {
    const value = valueOf(item);
    if (typeof value === 'object' && value !== null) {
      if (others.some((other) => equal(other, value))) return false;
      others.push(value);
    } else if (seen.has(value)) return false;
    else seen.add(value);
  }
  return true;
}

function toInteger(items: Collection): Collection {
  if (items.length > 1) throw new EvaluationError('toInteger: one item is expected');
  const value = valueOf(items[0]);
  if (typeof value === 'boolean') return [value ? 1 : 0];
  if (typeof value === 'number') return Number.isInteger(value) ? [value] : EMPTY;
  return typeof value === 'string' && /^[+-]?\d+$/.test(value) ? [Number(value)] : EMPTY;
}

function resolved(items: Collection, { resolve }: Environment): Collection {
  return items.flatMap((item) => {
    const value = valueOf(item);
    const text = isObject(value) ? value['reference'] : value;
    const found = typeof text === 'string' ? resolve?.(text) : undefined;
    return found === undefined ? [] : [found];
  });
}

const iif: Make = (source, [criterion, yes, no]) => {
  if (criterion === undefined || yes === undefined) throw new NotCompiled();
  const test = criterion.test();
  const then = yes.select();
  const otherwise = no?.select() ?? (() => EMPTY);
  const { node } = criterion;
  const onWhole = node.kind === 'call' && node.of === undefined && node.name === 'empty';
  return (e, f, c) => {
    const items = source(e, f, c);
    if (items.length > 1) throw new EvaluationError('iif: one item is expected');
    const holds = onWhole ? items.length === 0 : items.length > 0 && test(e, items[0], c) === true;
    return items.length === 0 && !onWhole ? EMPTY : (holds ? then : otherwise)(e, items[0], c);
  };
};

/** `where(…).exists()` in one. */
const exists: Make = (source, args) =>
  args.length === 0
    ? (e, f, c) => [source(e, f, c).length > 0]
    : withTest((items, holds) => [items.some(holds)])(source, args);

const matches: Make = (source, args) => {
  const { node } = only(args);
  const pattern = node.kind === 'literal' ? safePattern(String(node.value)) : undefined;
  if (pattern === undefined) throw new NotCompiled();
  return (e, f, c) => {
    const text = ofText(source(e, f, c));
    return text === undefined ? EMPTY : [pattern.test(text)];
  };
};

const extension: Make = (source, args) => {
  const { node: literal } = only(args);
  if (literal.kind !== 'literal') throw new NotCompiled();
  const url = literal.value;
  return (e, f, c) =>
    source(e, f, c).flatMap((item) => {
      const node = item instanceof ExtendedPrimitive ? item.element : item;
      const all: unknown = isObject(node) ? node['extension'] : undefined;
      if (!Array.isArray(all)) return [];
      return (all as unknown[]).filter((x) => isObject(x) && x['url'] === url);
    });
};

const select: Make = (source, args) => {
  const projection = only(args).select();
  return (e, f, c) => source(e, f, c).flatMap((item) => projection(e, item, c));
};

export const FUNCTIONS: Readonly<Record<string, Make>> = {
  exists,
  empty: plain((items) => [items.length === 0]),
  all: withTest((items, holds) => [items.every(holds)]),
  allTrue: every(true),
  allFalse: every(false),
  anyTrue: some(true),
  anyFalse: some(false),
  count: plain((items) => [items.length]),
  isDistinct: plain((items) => [isDistinct(items)]),
  distinct: plain((items) => union(items, EMPTY)),
  where: withTest((items, holds) => items.filter(holds)),
  select,
  first: plain((items) => items.slice(0, 1)),
  last: plain((items) => items.slice(-1)),
  tail: plain((items) => items.slice(1)),
  not: plain((items) => {
    const value = truth(items);
    return value === undefined ? EMPTY : [!value];
  }),
  hasValue: plain((items) => {
    const value = valueOf(items[0]);
    return [items.length === 1 && value !== undefined && typeof value !== 'object'];
  }),
  iif,
  startsWith: withText((text, other) => text.startsWith(other)),
  endsWith: withText((text, other) => text.endsWith(other)),
  contains: withText((text, other) => text.includes(other)),
  indexOf: withText((text, other) => text.indexOf(other)),
  matches,
  extension,
  toInteger: plain(toInteger),
  toString: plain((items) => {
    const value = valueOf(items[0]);
    if (items.length > 1) throw new EvaluationError('toString: one item is expected');
    const isText = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    return isText ? [String(value)] : EMPTY;
  }),
  length: plain((items) => {
    const text = ofText(items);
    return text === undefined ? EMPTY : [text.length];
  }),
  children: plain((items) => {
    const found: Item[] = [];
    for (const item of items) addAllChildren(item, found);
    return found;
  }),
  descendants: plain((items) => descendants(items)),
  resolve: plain(resolved),
  combine: withOther((items, other) => [...items, ...other]),
  union: withOther(union),
  intersect: withOther((items, other) =>
    union(
      items.filter((item) => other.some((one) => equal(item, one))),
      EMPTY,
    ),
  ),
  exclude: withOther((items, other) => items.filter((item) => !other.some((one) => equal(item, one)))),
  // Its name and projection are for whoever debugs.
  trace: (source) => source,
};
