/** Which slice an element belongs to: discriminators as functions. https://hl7.org/fhir/R4/profiling.html#discriminator */
import type { ElementDefinitionSlicingDiscriminator } from '@medplum/fhirtypes';
import { DefinitionError, type ElementNode } from './element-tree.ts';
import type { Check, Item } from './item.ts';
import { expectedOf } from './match-value.ts';
import { conformsTo, referencedType } from './reference.ts';
import { parseSteps, selectItems, type Step } from './discriminator-path.ts';
import { isObject, type Run } from './run.ts';
import { codedOf, codeTestOf } from './binding.ts';
import { standardTypeOf, treeOfProfile, type Scope } from './scope.ts';

/** Undefined where memory cannot tell. */
export type Matcher = (item: Item, run: Run) => boolean | undefined;

type CompileElement = (node: ElementNode, scope: Scope) => Check | undefined;

/** Throws DefinitionError for a kind or a path that is none. */
export function compileDiscriminator(
  slice: ElementNode,
  { type, path = '$this' }: ElementDefinitionSlicingDiscriminator,
  scope: Scope,
  compileElement: CompileElement,
): Matcher {
  const steps = parseSteps(path);
  const nodes = nodesAt(slice, steps, scope);
  const [node] = nodes;
  const isResolved = steps.at(-1)?.kind === 'resolve';
  const anyOf =
    (matches: Matcher): Matcher =>
    (item, run) => {
      let verdict: boolean | undefined = false;
      for (const found of selectItems(item, steps, run)) {
        const one = matches(found, run);
        if (one === true) return true;
        if (one === undefined) verdict = undefined;
      }
      return verdict;
    };
  switch (type) {
    case 'exists': {
      const isAbsent = node?.element.max === '0';
      return (item, run) => selectItems(item, steps, run).length > 0 !== isAbsent;
    }
    case 'type':
      return anyOf(typeMatcher(node, isResolved));
    case 'profile':
      return anyOf(profileMatcher(node, isResolved, scope));
    case 'value':
    case 'pattern': {
      const [own, ...others] = nodes.map((n) => valueMatcher(n, scope, compileElement));
      if (own !== undefined) return anyOf(own);
      const slices = others.filter((other) => other !== undefined);
      if (slices.length > 0) return anyOf((item, run) => firstTrue(slices, item, run));
      const url = steps.length === 1 && path === 'url' ? slice.element.type?.[0]?.profile?.[0] : undefined;
      const bare = url?.split('|')[0];
      return bare === undefined ? () => true : anyOf(({ value }) => value === bare);
    }
    default:
      throw new DefinitionError(
        `There is no discriminator of type ${String(type)}`,
        'StructureDefinition.snapshot.element',
      );
  }
}

function firstTrue(matchers: readonly Matcher[], item: Item, run: Run): boolean | undefined {
  const verdicts = matchers.map((matches) => matches(item, run));
  return verdicts.includes(true) ? true : verdicts.includes(undefined) ? undefined : false;
}

/** What the slice says of the element at the path of the discriminator; after it what slices of that element say. */
function nodesAt(slice: ElementNode, steps: readonly Step[], scope: Scope): ElementNode[] {
  let nodes: ElementNode[] = [slice];
  for (const step of steps)
    nodes = nodes.flatMap((node) => {
      if (step.kind === 'resolve') return [node];
      if (step.kind === 'type')
        return [node.slices.find((s) => s.element.type?.[0]?.code === step.type) ?? node];
      const child = childOf(node, step.kind === 'member' ? step.name : 'extension', scope);
      if (child === undefined) return [];
      if (step.kind === 'member') return [child, ...child.slices];
      return child.slices.filter((s) => s.element.type?.[0]?.profile?.[0] === step.url);
    });
  return nodes;
}

function childOf(node: ElementNode, name: string, scope: Scope): ElementNode | undefined {
  const own = node.children.find((child) => child.name === name || child.name === `${name}[x]`);
  if (own !== undefined || node.children.length > 0) return own;
  const profile = node.element.type?.[0]?.profile?.[0];
  return profile === undefined
    ? undefined
    : treeOfProfile(profile, scope)?.children.find(
        (child) => child.name === name || child.name === `${name}[x]`,
      );
}

function valueMatcher(node: ElementNode, scope: Scope, compileElement: CompileElement): Matcher | undefined {
  const expected = expectedOf(node.element);
  if (expected !== undefined) return ({ value }) => expected.matches(value);
  const { binding } = node.element;
  if (binding?.strength === 'required' && binding.valueSet !== undefined) {
    const test = codeTestOf(binding.valueSet, scope);
    return ({ value }) =>
      test === undefined
        ? undefined
        : codedOf(value).some(({ system, code }) => code !== undefined && test(system, code));
  }
  const check = compileElement(node, scope);
  if (check === undefined) return undefined;
  return (item, run) => {
    const trial = run.trial();
    if (trial === undefined) return undefined;
    check(item, '', trial);
    return !trial.isFaulty;
  };
}

function typeMatcher(node: ElementNode | undefined, isResolved: boolean): Matcher {
  const types = new Set<string | undefined>(
    (node?.element.type ?? []).flatMap(({ code = '', targetProfile = [] }) =>
      isResolved && code === 'Reference' ? targetProfile.map(standardTypeOf) : [code],
    ),
  );
  return ({ value, type }) => {
    const found = type ?? (isObject(value) ? value['resourceType'] : undefined);
    // JSON does not tell the type of what is no choice; there it is what the element is.
    return typeof found === 'string' ? types.has(found) || types.has('Resource') : types.size > 0;
  };
}

function profileMatcher(node: ElementNode | undefined, isResolved: boolean, scope: Scope): Matcher {
  const profiles = (node?.element.type ?? []).flatMap(({ profile = [], targetProfile = [] }) =>
    isResolved ? targetProfile : profile,
  );
  return (item, run) => {
    const verdicts = profiles.map((profile) => {
      const type = standardTypeOf(profile);
      if (type !== undefined) return (item.type ?? referencedType(item.value)) === type;
      return item.value === undefined ? undefined : conformsTo(profile, item, run, scope);
    });
    return verdicts.includes(true) ? true : verdicts.includes(undefined) ? undefined : false;
  };
}
