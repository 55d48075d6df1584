/** Slices: which repeats belong to which, how many there are, and whether there may be others. https://hl7.org/fhir/R4/profiling.html#slicing */
import type { ElementDefinitionSlicing } from '@medplum/fhirtypes';
import { compileDiscriminator, type Matcher } from './discriminator.ts';
import type { ElementNode } from './element-tree.ts';
import type { Check, Item } from './item.ts';
import { isObject, type Run } from './run.ts';
import type { Scope } from './scope.ts';
import { implicitDiscriminator } from './snapshot.ts';

/** Gets all repeats, each with its place, and the place of what holds them. */
export type CheckAll = (items: readonly Item[], places: readonly string[], at: string, run: Run) => void;

type CompileElement = (node: ElementNode, scope: Scope) => Check | undefined;

interface Slice {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly isMustSupport: boolean;
  readonly matches: Matcher;
  readonly check: Check | undefined;
  readonly inner: CheckAll | undefined;
}

/** The slice of what is in no other. */
const DEFAULT = '@default';

export function compileSlicing(
  node: ElementNode,
  scope: Scope,
  compileElement: CompileElement,
): CheckAll | undefined {
  if (node.slices.length === 0) return undefined;
  const implied = implicitDiscriminator(node.name);
  const slicing: ElementDefinitionSlicing = node.element.slicing ?? {
    rules: 'open',
    ...(implied === undefined ? {} : { discriminator: [implied] }),
  };
  const slices = node.slices.map((slice) => compileSlice(slice, slicing, scope, compileElement));
  const named = slices.filter(({ name }) => name !== DEFAULT);
  const fallback = slices.find(({ name }) => name === DEFAULT);
  const { rules, ordered = false } = slicing;
  const element = node.name.replace('[x]', '');
  return (items, places, at, run) => {
    const members = new Map<Slice, number[]>();
    let isUndecided = false;
    let last = -1;
    let firstOther: string | undefined;
    for (const [i, item] of items.entries()) {
      const place = places[i]!;
      const verdicts = named.map((slice) => slice.matches(item, run));
      const number = verdicts.indexOf(true);
      const slice = number === -1 ? (verdicts.includes(undefined) ? undefined : fallback) : named[number];
      if (number === -1 && verdicts.includes(undefined)) {
        isUndecided = true;
        continue;
      }
      if (slice === undefined) {
        firstOther ??= place;
        if (rules === 'closed')
          run.report(
            'structure',
            `${scope.label}: this ${element} is in no slice, and no others are allowed`,
            place,
          );
        continue;
      }
      const known = members.get(slice);
      if (known) known.push(i);
      else members.set(slice, [i]);
      if (rules === 'openAtEnd' && firstOther !== undefined)
        run.report('structure', `${scope.label}: what is in no slice comes at the end only`, firstOther);
      if (ordered && number !== -1 && number < last)
        run.report(
          'structure',
          `${scope.label}: slice ${slice.name} comes too late; the slices of ${element} have an order`,
          place,
        );
      last = Math.max(last, number);
      slice.check?.(item, place, run);
    }
    for (const slice of slices) {
      const own = members.get(slice) ?? [];
      count(slice, own.length, { element, at, isUndecided, scope }, run);
      slice.inner?.(
        own.map((i) => items[i]!),
        own.map((i) => places[i]!),
        at,
        run,
      );
    }
  };
}

interface Counted {
  readonly element: string;
  readonly at: string;
  readonly isUndecided: boolean;
  readonly scope: Scope;
}

function count(
  { name, min, max, isMustSupport }: Slice,
  found: number,
  { element, at, isUndecided, scope }: Counted,
  run: Run,
): void {
  const what = `of slice ${name} of ${element}`;
  if (found < min && !isUndecided)
    run.report(
      'required',
      `${scope.label}: at least ${min} ${what} is required, and there are ${found}`,
      `${at}.${element}`,
    );
  if (found > max)
    run.report(
      'structure',
      `${scope.label}: at most ${max} ${what} are allowed, and there are ${found}`,
      `${at}.${element}`,
    );
  if (found === 0 && isMustSupport && min === 0 && run.context.reportsMustSupport === true && !isUndecided)
    run.report(
      'informational',
      `${scope.label}: slice ${name} of ${element} is must-support, and is absent`,
      `${at}.${element}`,
      'information',
    );
}

function compileSlice(
  slice: ElementNode,
  slicing: ElementDefinitionSlicing,
  scope: Scope,
  compileElement: CompileElement,
): Slice {
  const { min = 0, max = '*', mustSupport = false } = slice.element;
  const name = slice.sliceName ?? '';
  const check = compileElement(slice, { ...scope, label: `${scope.label}, slice ${name}` });
  return {
    name,
    min,
    max: max === '*' ? Infinity : Number(max),
    isMustSupport: mustSupport,
    matches: name === DEFAULT ? () => false : compileMatcher(slice, slicing, scope, compileElement),
    check,
    inner: compileSlicing(slice, scope, compileElement),
  };
}

/** All discriminators together; where there are none, the slice is what conforms to it. */
function compileMatcher(
  slice: ElementNode,
  { discriminator = [] }: ElementDefinitionSlicing,
  scope: Scope,
  compileElement: CompileElement,
): Matcher {
  if (slice.name.endsWith('[x]') && discriminator.every((d) => d.type === 'type' && d.path === '$this')) {
    const types = new Set<string | undefined>((slice.element.type ?? []).map(({ code }) => code));
    return ({ type }) => types.has(type);
  }
  if (discriminator.length === 0) {
    const check = compileElement(slice, scope);
    return (item, run) => {
      const trial = run.trial();
      if (check === undefined) return isObject(item.value);
      if (trial === undefined) return undefined;
      check(item, '', trial);
      return !trial.isFaulty;
    };
  }
  const matchers = discriminator.map((d) => compileDiscriminator(slice, d, scope, compileElement));
  const [first] = matchers;
  if (matchers.length === 1) return first!;
  return (item, run) => {
    let verdict: boolean | undefined = true;
    for (const matches of matchers) {
      const one = matches(item, run);
      if (one === false) return false;
      if (one === undefined) verdict = undefined;
    }
    return verdict;
  };
}
