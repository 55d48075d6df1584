/** How many fields the selection of a field has, its fragments included. */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionSetNode,
} from 'graphql';

export type Fragments = Readonly<Record<string, FragmentDefinitionNode | undefined>>;

/** The fields of a selection, those of its fragments included. Of a document without cycles. */
export function* selectedFields(
  selection: SelectionSetNode | undefined,
  fragments: Fragments,
): Generator<FieldNode> {
  for (const node of selection?.selections ?? [])
    if (node.kind === Kind.FIELD) yield node;
    else if (node.kind === Kind.INLINE_FRAGMENT) yield* selectedFields(node.selectionSet, fragments);
    else yield* selectedFields(fragments[node.name.value]?.selectionSet, fragments);
}

export class Weights {
  readonly #fragments: Fragments;
  readonly #known = new WeakMap<FieldNode, number>();

  constructor(fragments: Fragments) {
    this.#fragments = fragments;
  }

  /** At least 1. */
  of(node: FieldNode): number {
    let weight = this.#known.get(node);
    if (weight === undefined) {
      weight = Math.max(1, [...selectedFields(node.selectionSet, this.#fragments)].length);
      this.#known.set(node, weight);
    }
    return weight;
  }
}

export const fragmentsOf = ({ definitions }: DocumentNode): Fragments =>
  Object.fromEntries(
    definitions.flatMap((d) => (d.kind === Kind.FRAGMENT_DEFINITION ? [[d.name.value, d] as const] : [])),
  );
