/** The elements of a StructureDefinition as a tree: children by name, slices beside what they slice. https://hl7.org/fhir/R4/elementdefinition.html */
import type { ElementDefinition } from '@medplum/fhirtypes';

export interface ElementNode {
  /** Last segment of the path: `value[x]`. */
  readonly name: string;
  readonly element: ElementDefinition;
  readonly children: ElementNode[];
  readonly slices: ElementNode[];
  /** Absent on what is no slice; `a/b` for a slice of slice `a`. */
  readonly sliceName?: string;
}

/** What a StructureDefinition says that nothing can be made of; `expression` is the place in it. */
export class DefinitionError extends Error {
  readonly expression: string;

  constructor(text: string, expression: string) {
    super(text);
    this.name = 'DefinitionError';
    this.expression = expression;
  }
}

export const createNode = (name: string, element: ElementDefinition, sliceName?: string): ElementNode => ({
  name,
  element,
  children: [],
  slices: [],
  ...(sliceName === undefined ? {} : { sliceName }),
});

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Element names and slice names may be nested; deeper than anything real. */
const DEPTH_MAX = 40;

export interface ElementStep {
  readonly name: string;
  readonly slice?: string;
}

/** `Patient.extension:race.value[x]` → its steps; the path and the slice name serve where there is no id. */
export function stepsOf(element: ElementDefinition, place: string): ElementStep[] {
  const { id, path = '', sliceName } = element;
  // An id that does not fit the path is somebody's own numbering.
  const isFormal = id !== undefined && id.replace(/:[^.]*/g, '').split('.').length === path.split('.').length;
  const text = isFormal ? id : sliceName === undefined ? path : `${path}:${sliceName}`;
  const steps = text.split('.').map((segment) => {
    const [name = '', ...slice] = segment.split(':');
    return slice.length === 0 ? { name } : { name, slice: slice.join(':') };
  });
  if (path === '' || steps.some(({ name }) => name === ''))
    throw new DefinitionError('An element needs a path', place);
  if (steps.length > DEPTH_MAX)
    throw new DefinitionError(`Paths of more than ${DEPTH_MAX} steps are not supported`, place);
  return steps;
}

/** `valueQuantity` of `value[x]`; undefined for other names. */
export function choiceOf(children: readonly ElementNode[], name: string): ElementNode | undefined {
  return children.find((child) => {
    if (!child.name.endsWith('[x]')) return false;
    const stem = child.name.slice(0, -3);
    return (
      name.startsWith(stem) &&
      (child.element.type ?? []).some((type) => name.slice(stem.length) === capital(type.code ?? ''))
    );
  });
}

/** The elements of a snapshot as a tree. Throws DefinitionError when one stands below none. */
export function treeOf(elements: readonly ElementDefinition[], place: string): ElementNode {
  const [first, ...rest] = elements;
  if (first?.path === undefined || first.path.includes('.'))
    throw new DefinitionError('The first element must be the type itself', place);
  const root = createNode(first.path, first);
  /** The latest node at each depth; elements without ids are placed by their order. */
  const latest: ElementNode[] = [root];
  for (const [i, element] of rest.entries()) {
    const at = `${place}[${i + 1}]`;
    const depth = (element.path ?? '').split('.').length - 1;
    const parent = latest[depth - 1];
    if (depth === 0 || parent === undefined)
      throw new DefinitionError('The element stands below none that is there', at);
    const name = (element.path ?? '').slice((element.path ?? '').lastIndexOf('.') + 1);
    const node = attach(parent, name, element, at);
    latest.length = depth;
    latest.push(node);
  }
  return root;
}

function attach(parent: ElementNode, name: string, element: ElementDefinition, at: string): ElementNode {
  const known = parent.children.find((child) => child.name === name);
  if (element.sliceName !== undefined) {
    const sliced = known ?? choiceOf(parent.children, name);
    if (sliced !== undefined) return addSlice(sliced, createNode(sliced.name, element, element.sliceName));
    // Published definitions name elements of types that nothing slices; then the name says nothing.
  } else if (known !== undefined)
    throw new DefinitionError('The path is there twice and has no slice name', at);
  const choice = choiceOf(parent.children, name);
  if (choice !== undefined) return addSlice(choice, createNode(choice.name, element, name));
  const node = createNode(name, element);
  parent.children.push(node);
  return node;
}

/** `a/b` goes to the slices of `a`. */
export function addSlice(sliced: ElementNode, slice: ElementNode): ElementNode {
  const name = slice.sliceName ?? '';
  const outer = sliced.slices.find((other) => name.startsWith(`${other.sliceName}/`));
  if (outer !== undefined) return addSlice(outer, slice);
  sliced.slices.push(slice);
  return slice;
}

export function findSlice(sliced: ElementNode, name: string): ElementNode | undefined {
  for (const slice of sliced.slices) {
    if (slice.sliceName === name) return slice;
    if (name.startsWith(`${slice.sliceName}/`)) return findSlice(slice, name);
  }
  return undefined;
}
