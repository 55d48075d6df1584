/** A document as fields to be filled in, and what becomes of it when one of them is changed. Pure. */

/** Members and places in lists, from the document down. */
export type Path = readonly (string | number)[];

export type FormNode =
  | {
      readonly kind: 'text' | 'number' | 'boolean';
      readonly path: Path;
      readonly value: string | number | boolean;
    }
  | { readonly kind: 'group'; readonly path: Path; readonly children: readonly FormNode[] };

/** What the server sets itself, or what makes it another resource. */
const FIXED: ReadonlySet<string> = new Set(['resourceType', 'id', 'meta.versionId', 'meta.lastUpdated']);

/** `name[0].family`. */
export const expressionOf = (path: Path): string =>
  path.map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i === 0 ? '' : '.'}${step}`)).join('');

/** `family`, or `[0]` for an item of a list. */
export function nameOf(path: Path): string {
  const last = path.at(-1) ?? '';
  return typeof last === 'number' ? `${path.at(-2) ?? ''} ${last + 1}` : last;
}

export const isItem = (path: Path): boolean => typeof path.at(-1) === 'number';

function nodeOf(value: unknown, path: Path): FormNode[] {
  if (FIXED.has(expressionOf(path))) return [];
  if (typeof value === 'string') return [{ kind: 'text', path, value }];
  if (typeof value === 'number') return [{ kind: 'number', path, value }];
  if (typeof value === 'boolean') return [{ kind: 'boolean', path, value }];
  if (typeof value !== 'object' || value === null) return [];
  const children = childrenOf(value, path);
  return children.length === 0 ? [] : [{ kind: 'group', path, children }];
}

const childrenOf = (value: object, path: Path): FormNode[] =>
  Array.isArray(value)
    ? value.flatMap((item, i) => nodeOf(item, [...path, i]))
    : Object.entries(value).flatMap(([name, member]) => nodeOf(member, [...path, name]));

/** Lists are shown as their items. */
export const formOf = (document: object): FormNode[] =>
  childrenOf(document, []).flatMap((node) => unlisted(node));

function unlisted(node: FormNode): FormNode[] {
  if (node.kind !== 'group') return [node];
  const children = node.children.flatMap(unlisted);
  const isList =
    children.length > 0 && children.every(({ path }) => path.length === node.path.length + 1 && isItem(path));
  return isList ? children : [{ ...node, children }];
}

/** The document with another value at the place; undefined takes it out, with what is empty then. */
export function withValue(document: object, path: Path, value: unknown): object {
  const [step, ...rest] = path;
  if (step === undefined) return document;
  const inner = rest.length === 0 ? value : changed((document as Record<string, unknown>)[step], rest, value);
  if (Array.isArray(document)) {
    const items = document.map((item: unknown, i) => (i === step ? inner : item));
    return items.filter((item) => item !== undefined);
  }
  const { [step]: _before, ...others } = document as Record<string, unknown>;
  if (inner === undefined) return others;
  return Object.fromEntries(
    Object.entries(document).map(([name, member]) => [name, name === step ? inner : member]),
  );
}

function changed(inner: unknown, path: Path, value: unknown): unknown {
  if (typeof inner !== 'object' || inner === null) return inner;
  const next = withValue(inner, path, value);
  // FHIR has no empty objects and lists.
  return Object.keys(next).length === 0 ? undefined : next;
}

/** The document with an item like the one at the place behind it, for another name, line or coding. */
export function withCopy(document: object, path: Path): object {
  const place = path.at(-1);
  if (typeof place !== 'number') return document;
  const list = path.slice(0, -1);
  const items = list.reduce<unknown>(
    (at, step) => (at as Record<string, unknown>)[step],
    document,
  ) as unknown[];
  return withValue(document, list, items.toSpliced(place + 1, 0, structuredClone(items[place])));
}
