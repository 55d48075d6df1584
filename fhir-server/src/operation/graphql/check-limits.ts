/** What a query may ask for at most, judged by its text before anything is read. */
import { type FieldNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql';
import type { GraphqlConfig } from '../../platform/graphql-config.ts';
import { tooMuch } from './budget.ts';
import type { Fragments } from './weights.ts';

/** Matches that a list is taken to have where the query does not say how many it wants. */
const LIST_GUESS = 20;
const SEARCH = /^[A-Z]\w*(List|Connection)$/;

export interface Counted {
  readonly selectionSet: SelectionSetNode;
  readonly fragments: Fragments;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Throws 400, too-costly. Goes no further than the limits, however the fragments of the query refer to each other. */
export function checkLimits(query: Counted, limits: GraphqlConfig): void {
  new Count(query, limits).take(query.selectionSet, 1, 1);
}

class Count {
  readonly #query: Counted;
  readonly #limits: GraphqlConfig;
  readonly #path = new Set<FragmentDefinitionNode>();
  #fields = 0;
  #searches = 0;
  #cost = 0;

  constructor(query: Counted, limits: GraphqlConfig) {
    this.#query = query;
    this.#limits = limits;
  }

  take({ selections }: SelectionSetNode, depth: number, times: number): void {
    const { depthMax, fieldsMax } = this.#limits;
    if (depth > depthMax) throw tooMuch(`The query is more than ${depthMax} levels deep`);
    for (const node of selections) {
      this.#fields += 1;
      if (this.#fields > fieldsMax)
        throw tooMuch(`The query has more than ${fieldsMax} fields, those of its fragments included`);
      if (node.kind === Kind.FIELD) this.#field(node, depth, times);
      else if (node.kind === Kind.INLINE_FRAGMENT) this.take(node.selectionSet, depth, times);
      else this.#spread(this.#query.fragments[node.name.value], depth, times);
    }
  }

  /** A fragment within itself is refused when the query is validated. */
  #spread(fragment: FragmentDefinitionNode | undefined, depth: number, times: number): void {
    if (fragment === undefined || this.#path.has(fragment)) return;
    this.#path.add(fragment);
    this.take(fragment.selectionSet, depth, times);
    this.#path.delete(fragment);
  }

  #field(node: FieldNode, depth: number, times: number): void {
    const { costMax, searchesMax } = this.#limits;
    const isSearch = SEARCH.test(node.name.value);
    const isRead = depth === 1 && node.arguments?.some(({ name }) => name.value === 'id') === true;
    if (isSearch || isRead) this.#searches += 1;
    if (this.#searches > searchesMax)
      throw tooMuch(`The query has more than ${searchesMax} lists, connections and reads`);
    this.#cost += times;
    if (this.#cost > costMax)
      throw tooMuch(
        `The answer would have more than ${costMax} values; ask for fewer by _count, or for less of each`,
      );
    const within = isSearch ? times * (this.#countOf(node) ?? LIST_GUESS) : times;
    if (node.selectionSet) this.take(node.selectionSet, depth + 1, within);
  }

  #countOf(node: FieldNode): number | undefined {
    const value = node.arguments?.find(({ name }) => name.value === '_count')?.value;
    if (value?.kind === Kind.INT) return Number(value.value);
    if (value?.kind !== Kind.VARIABLE) return undefined;
    const given = this.#query.variables[value.name.value];
    return typeof given === 'number' ? given : undefined;
  }
}
