/** What @slice(path: …) says of each element, kept until the answer is shaped. https://hl7.org/fhir/R4/graphql.html#flattening */
import { type FieldNode, getDirectiveValues, type GraphQLResolveInfo } from 'graphql';
import { badRequest } from '../../fhir/outcome.ts';
import { isObject } from './context.ts';
import { SLICE } from './directives.ts';

type Path = GraphQLResolveInfo['path'];

/** The members of a path, or the place in the list. */
const SLICE_PATH = /^(\$index|[A-Za-z]\w*(\.[A-Za-z]\w*)*)$/;

export class Slices {
  readonly #suffixes = new Map<string, readonly (string | undefined)[]>();

  /** Throws 400 for a path that is neither `$index` nor made of names. */
  note(
    [node]: readonly FieldNode[],
    path: Path,
    elements: readonly unknown[],
    variables: GraphQLResolveInfo['variableValues'],
  ): void {
    if (!node?.directives?.some(({ name }) => name.value === SLICE.name)) return;
    const by = getDirectiveValues(SLICE, node, variables)?.['path'];
    if (typeof by !== 'string' || !SLICE_PATH.test(by))
      throw badRequest('The path of @slice is $index or made of the names of elements', 'slice');
    const suffixes = elements.map((element, i) =>
      by === '$index' ? String(i) : textAt(element, by.split('.')),
    );
    this.#suffixes.set(keyOf(path), suffixes);
  }

  /** Of an element of a field of the answer. */
  of(path: readonly (string | number)[], index: number): string | undefined {
    return this.#suffixes.get(JSON.stringify(path))?.[index];
  }
}

function keyOf(path: Path): string {
  const keys: (string | number)[] = [];
  for (let at: Path | undefined = path; at; at = at.prev) keys.unshift(at.key);
  return JSON.stringify(keys);
}

function textAt(element: unknown, names: readonly string[]): string | undefined {
  let value = element;
  for (const name of names) {
    if (Array.isArray(value)) value = value[0] as unknown;
    value = isObject(value) ? value[name] : undefined;
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}
