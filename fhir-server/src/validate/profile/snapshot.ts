/** Differential → snapshot: the elements of the base, with what the profile says of them. https://hl7.org/fhir/R4/profiling.html#snapshot */
import type {
  ElementDefinition,
  ElementDefinitionSlicingDiscriminator,
  StructureDefinition,
} from '@medplum/fhirtypes';
import { mergeElement, sliceElement } from './merge-element.ts';
import {
  addSlice,
  capital,
  choiceOf,
  createNode,
  DefinitionError,
  findSlice,
  stepsOf,
  treeOf,
  type ElementNode,
  type ElementStep,
} from './element-tree.ts';

/** By canonical, with or without `|version`. */
export type FindStructure = (canonical: string) => StructureDefinition | undefined;

const CORE = 'http://hl7.org/fhir/StructureDefinition/';
const PLACE = 'StructureDefinition.differential.element';
/** A profile may walk into data types, and these into others; no real one comes near. */
const ELEMENTS_MAX = 20_000;
const BASES_MAX = 30;

/**
 * The elements of a StructureDefinition in full: its snapshot, or one made of the differential and the base, whose own is made
 * likewise. Throws DefinitionError when a base is unknown or a differential fits no element.
 */
export function snapshotOf(
  definition: StructureDefinition,
  find: FindStructure,
  depth = 0,
): ElementDefinition[] {
  if (definition.snapshot?.element?.length) return definition.snapshot.element;
  return generateSnapshot(definition, find, depth);
}

/** As snapshotOf, from the differential in any case. */
export function generateSnapshot(
  definition: StructureDefinition,
  find: FindStructure,
  depth = 0,
): ElementDefinition[] {
  const { baseDefinition, differential } = definition;
  if (depth > BASES_MAX)
    throw new DefinitionError(
      'The chain of bases is too long, or comes back',
      'StructureDefinition.baseDefinition',
    );
  if (baseDefinition === undefined)
    throw new DefinitionError(
      'Without a snapshot a baseDefinition is needed',
      'StructureDefinition.baseDefinition',
    );
  const base = find(baseDefinition);
  if (base === undefined)
    throw new DefinitionError(
      `The base ${baseDefinition} is not known here`,
      'StructureDefinition.baseDefinition',
    );
  return new SnapshotBuilder(find, depth).build(
    definition,
    snapshotOf(base, find, depth + 1),
    differential?.element ?? [],
  );
}

class SnapshotBuilder {
  readonly #find: FindStructure;
  readonly #depth: number;
  /** Choices of which the differential names a type as `valueQuantity`, which leaves them no other. */
  readonly #renamed = new Map<ElementNode, Set<ElementNode>>();
  #elements = 0;
  #root!: ElementNode;
  #differential: readonly ElementDefinition[] = [];
  /** Each element → what the base says of it, which is what a slice begins with. */
  readonly #pristine = new Map<ElementNode, ElementNode>();

  constructor(find: FindStructure, depth: number) {
    this.#find = find;
    this.#depth = depth;
  }

  build(
    definition: StructureDefinition,
    base: readonly ElementDefinition[],
    differential: readonly ElementDefinition[],
  ): ElementDefinition[] {
    this.#differential = differential;
    this.#root = this.#copy(treeOf(base, 'StructureDefinition.snapshot.element'));
    const type = this.#root.name;
    for (const [i, element] of differential.entries()) {
      const place = `${PLACE}[${i}]`;
      const steps = stepsOf(element, place);
      if (steps[0]?.name !== type)
        throw new DefinitionError(`Paths of a profile on ${type} begin with ${type}`, `${place}.path`);
      const name = (element.path ?? '').replace(/^.*\./, '');
      // `Observation.valueQuantity` for `Observation.value[x]`: the path is renamed, the id need not be.
      const isRenamed = element.sliceName === undefined || steps.at(-1)?.name !== name;
      const node = this.#reach(this.#root, steps.slice(1), place, isRenamed && !name.endsWith('[x]'));
      const source = definition.url === undefined ? {} : { source: definition.url };
      Object.assign(node, { element: mergeElement(node.element, element, source) });
    }
    for (const [choice, slices] of this.#renamed) closeChoice(choice, slices);
    return flatten(this.#root, type, type, definition);
  }

  #reach(
    node: ElementNode,
    [step, ...rest]: readonly ElementStep[],
    place: string,
    isRenamed: boolean,
    isSliced = false,
  ): ElementNode {
    if (step === undefined) return node;
    if (node.children.length === 0) this.#expand(node, place);
    let child = node.children.find(({ name }) => name === step.name);
    let { slice } = step;
    if (child === undefined) {
      child = choiceOf(node.children, step.name);
      if (child !== undefined && slice === undefined && isSliced && this.#isOnlyType(child, step.name)) {
        const suffix = step.name.slice(child.name.length - 3);
        child.element.type = (child.element.type ?? []).filter((t) => capital(t.code ?? '') === suffix);
      } else slice ??= step.name;
    }
    if (child === undefined)
      throw new DefinitionError(`There is no element ${step.name} below ${node.element.path ?? ''}`, place);
    if (slice === undefined) return this.#reach(child, rest, place, isRenamed, isSliced);
    const reached = this.#slice(child, slice);
    if (isRenamed && rest.length === 0)
      this.#renamed.set(child, (this.#renamed.get(child) ?? new Set<ElementNode>()).add(reached));
    return this.#reach(reached, rest, place, isRenamed, true);
  }

  /** Within a slice a type that stands alone narrows the choice itself: slices of choices within slices say no more. */
  #isOnlyType(choice: ElementNode, name: string): boolean {
    const stem = choice.name.slice(0, -3);
    const parent = (choice.element.path ?? '').split('.').slice(0, -1).join('.');
    const names = this.#differential.flatMap(({ path = '' }) => {
      const own = path.startsWith(`${parent}.${stem}`)
        ? path.slice(parent.length + 1).split('.')[0]
        : undefined;
      return own === undefined || own === choice.name ? [] : [own];
    });
    return names.every((other) => other === name);
  }

  #slice(sliced: ElementNode, name: string): ElementNode {
    const known = findSlice(sliced, name);
    if (known !== undefined) return known;
    const outerName = name.includes('/') ? name.slice(0, name.lastIndexOf('/')) : undefined;
    const origin = (outerName === undefined ? undefined : findSlice(sliced, outerName)) ?? sliced;
    const copy = this.#copy(this.#pristine.get(origin) ?? origin);
    const slice: ElementNode = { ...copy, slices: [], sliceName: name, element: sliceElement(copy, name) };
    const discriminator = implicitDiscriminator(sliced.name);
    if (discriminator !== undefined && sliced.element.slicing === undefined)
      Object.assign(sliced, {
        element: {
          ...sliced.element,
          slicing: { discriminator: [discriminator], ordered: false, rules: 'open' },
        },
      });
    return addSlice(sliced, slice);
  }

  /** Gives an element the children of what it refers to, or of its one type. */
  #expand(node: ElementNode, place: string): void {
    const { contentReference, type = [], path = '' } = node.element;
    if (contentReference !== undefined) {
      const target = findById(this.#root, contentReference.replace(/^.*#/, ''));
      if (target === undefined) throw new DefinitionError(`${contentReference} refers to no element`, place);
      this.#adopt(node, target);
      return;
    }
    const codes = new Set(type.map((t) => t.code));
    const [only] = type;
    if (only?.code === undefined || codes.size !== 1)
      throw new DefinitionError(`${path} has several types or none; what is below it has none either`, place);
    const profile =
      type.length === 1 && only.profile?.length === 1 ? this.#find(only.profile[0]!) : undefined;
    const definition = profile ?? this.#find(`${CORE}${only.code}`);
    if (definition === undefined)
      throw new DefinitionError(`The type ${only.code} of ${path} is not known here`, place);
    if (this.#depth > BASES_MAX)
      throw new DefinitionError('The profiles of types come back to themselves', place);
    this.#adopt(node, treeOf(snapshotOf(definition, this.#find, this.#depth + 1), place));
  }

  #adopt(node: ElementNode, from: ElementNode): void {
    for (const child of from.children) node.children.push(this.#copy(child));
  }

  #copy(node: ElementNode): ElementNode {
    this.#elements += 1;
    if (this.#elements > ELEMENTS_MAX)
      throw new DefinitionError(
        `A snapshot of more than ${ELEMENTS_MAX} elements is not made`,
        'StructureDefinition.differential',
      );
    const copy = createNode(node.name, { ...node.element }, node.sliceName);
    this.#pristine.set(copy, node);
    for (const child of node.children) copy.children.push(this.#copy(child));
    for (const slice of node.slices) copy.slices.push(this.#copy(slice));
    return copy;
  }
}

/** By which choices and extensions are sliced where nothing is said. */
export function implicitDiscriminator(name: string): ElementDefinitionSlicingDiscriminator | undefined {
  if (name.endsWith('[x]')) return { type: 'type', path: '$this' };
  return name === 'extension' || name === 'modifierExtension' ? { type: 'value', path: 'url' } : undefined;
}

/** When a type must be there, the choice has no others: an element that does not repeat has room for one. */
function closeChoice({ element }: ElementNode, slices: ReadonlySet<ElementNode>): void {
  const all = [...slices].map((slice) => slice.element);
  if (element.slicing?.rules === 'closed' || !all.some((slice) => (slice.min ?? 0) > 0)) return;
  element.type = all.flatMap((slice) => slice.type ?? []);
  element.slicing = { discriminator: [{ type: 'type', path: '$this' }], ordered: false, rules: 'closed' };
  if (all.length === 1) element.min = Math.max(element.min ?? 0, all[0]?.min ?? 0);
}

/** By the path of what is referred to: `Observation.referenceRange`. */
function findById(root: ElementNode, id: string): ElementNode | undefined {
  let node: ElementNode | undefined = root;
  for (const name of id.split('.').slice(1)) node = node?.children.find((child) => child.name === name);
  return node;
}

function flatten(
  node: ElementNode,
  path: string,
  id: string,
  definition: StructureDefinition,
): ElementDefinition[] {
  const { sliceName: _own, ...element } = node.element;
  const all: ElementDefinition[] = [
    { ...element, id, path, ...(node.sliceName === undefined ? {} : { sliceName: node.sliceName }) },
  ];
  for (const child of node.children)
    all.push(...flatten(child, `${path}.${child.name}`, `${id}.${child.name}`, definition));
  const unsliced = node.sliceName === undefined ? id : id.slice(0, id.lastIndexOf(':'));
  for (const slice of node.slices)
    all.push(...flatten(slice, path, `${unsliced}:${slice.sliceName ?? ''}`, definition));
  return all;
}
