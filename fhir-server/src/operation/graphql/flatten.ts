/** @flatten, @singleton and @slice: the answer in the shape that the directives give it. https://hl7.org/fhir/R4/graphql.html#flattening */
import type { DirectiveNode, FieldNode } from 'graphql';
import { badRequest } from '../../fhir/outcome.ts';
import { isObject, type Json } from './context.ts';
import type { Slices } from './slices.ts';
import { type Fragments, selectedFields } from './weights.ts';

/** Keys of the answer. */
type Path = readonly (string | number)[];
type Shaped = Record<string, unknown>;

interface Place {
  readonly path: Path;
  /** What @slice adds to the names here. */
  readonly suffix: string;
  /** Whether values of several elements come together here, in lists. */
  readonly collates: boolean;
}

const directive = ({ directives = [] }: FieldNode, name: string): DirectiveNode | undefined =>
  directives.find((d) => d.name.value === name);

export class Shape {
  readonly #fragments: Fragments;
  readonly #slices: Slices;

  constructor(fragments: Fragments, slices: Slices) {
    this.#fragments = fragments;
    this.#slices = slices;
  }

  /** Throws 400 where values come together that cannot. */
  of(value: unknown, nodes: readonly Pick<FieldNode, 'selectionSet'>[], path: Path = []): unknown {
    if (Array.isArray(value)) return value.map((item, i) => this.of(item, nodes, [...path, i]));
    if (!isObject(value)) return value;
    const shaped: Shaped = {};
    this.#fill(shaped, value, nodes, { path, suffix: '', collates: false });
    return shaped;
  }

  #fill(shaped: Shaped, value: Json, within: readonly Pick<FieldNode, 'selectionSet'>[], place: Place): void {
    const selected = within.flatMap((n) => [...selectedFields(n.selectionSet, this.#fragments)]);
    const byKey = Map.groupBy(selected, ({ alias, name }) => (alias ?? name).value);
    for (const [key, nodes] of byKey) {
      const child = value[key];
      const [node] = nodes;
      // What fragments select of other types is not there.
      if (child === undefined || !node) continue;
      if (directive(node, 'flatten') || directive(node, 'slice'))
        this.#lift(shaped, key, child, nodes, place);
      else this.#put(shaped, key, child, nodes, place);
    }
  }

  /** The elements of a field, each with a suffix of its own or in the place of the field. */
  #lift(shaped: Shaped, key: string, value: unknown, nodes: readonly FieldNode[], place: Place): void {
    const isList = Array.isArray(value);
    const isFlat = directive(nodes[0]!, 'flatten') !== undefined;
    for (const [i, item] of (isList ? (value as unknown[]) : [value]).entries()) {
      const path = isList ? [...place.path, key, i] : [...place.path, key];
      const slice = this.#slices.of([...place.path, key], i);
      const suffix = slice === undefined ? place.suffix : `${place.suffix}.${slice}`;
      const collates = place.collates || isList;
      if (isFlat && isObject(item)) this.#fill(shaped, item, nodes, { path, suffix, collates });
      else if (!isFlat) this.#put(shaped, key, item, nodes, { path: place.path, suffix, collates });
    }
  }

  #put(shaped: Shaped, key: string, value: unknown, nodes: readonly FieldNode[], place: Place): void {
    const name = key + place.suffix;
    const own = this.of(value, nodes, [...place.path, key]);
    const isThere = Object.hasOwn(shaped, name);
    if (!place.collates && !isThere) {
      shaped[name] = own;
      return;
    }
    const values = (Array.isArray(own) ? (own as unknown[]) : [own]).filter((v) => v !== null);
    if (values.length === 0) return;
    const before = isThere ? shaped[name] : undefined;
    if (directive(nodes[0]!, 'singleton')) {
      if (before !== undefined || values.length > 1)
        throw badRequest(`There are several values of ${name}`, name);
      shaped[name] = values[0];
      return;
    }
    if (before !== undefined && !Array.isArray(before)) throw mixed(name);
    const all = [...((before as unknown[] | undefined) ?? []), ...values];
    if (all.some((v) => typeof v !== typeof all[0])) throw mixed(name);
    shaped[name] = all;
  }
}

const mixed = (name: string) => badRequest(`Values of different types come together in ${name}`, name);
