/** The elements of a profile as functions; what the standard demands already, and has checked, is left out. https://hl7.org/fhir/R4/elementdefinition.html */
import { checkBinding } from './binding.ts';
import { checkConstraints } from './constraints.ts';
import type { ElementNode } from './element-tree.ts';
import { collect, parentOf, type Check, type Item } from './item.ts';
import { checkLimits } from './limits.ts';
import { expectedOf } from './match-value.ts';
import { checkTargets, checkTypeProfiles } from './reference.ts';
import { isObject, type JsonObject, type Run } from './run.ts';
import { standardElement, suffixesOf, type Scope } from './scope.ts';
import { compileSlicing } from './slicing.ts';

/** Undefined where the profile adds nothing. Throws DefinitionError for what cannot be compiled. */
export function compileElement(node: ElementNode, scope: Scope): Check | undefined {
  const { element } = node;
  const checks = [
    checkTypes(node, scope),
    checkExpected(node, scope),
    checkTypeProfiles(element, scope),
    checkTargets(element, scope),
    checkBinding(element, scope),
    ...checkLimits(element, scope),
    ...checkConstraints(element, scope),
    compileChildren(node, scope),
  ].filter((check) => check !== undefined);
  const [first, second] = checks;
  if (second === undefined) return first;
  return (item, at, run) => {
    for (const check of checks) check(item, at, run);
  };
}

/** Of a choice, or of a resource inside. */
function checkTypes({ name, element }: ElementNode, scope: Scope): Check | undefined {
  const codes = (element.type ?? []).map(({ code = '' }) => code);
  const isResource = standardElement(element.base?.path ?? '')?.type?.some(({ code }) => code === 'Resource');
  if (codes.length === 0 || (!name.endsWith('[x]') && isResource !== true)) return undefined;
  if (codes.includes('Resource')) return undefined;
  const allowed = new Set(codes);
  return ({ value, type }, at, run) => {
    const found = type ?? (isObject(value) ? value['resourceType'] : undefined);
    if (typeof found === 'string' && !allowed.has(found))
      run.report('structure', `${scope.label}: the type must be ${codes.join(' or ')}, not ${found}`, at);
  };
}

function checkExpected({ element }: ElementNode, scope: Scope): Check | undefined {
  const expected = expectedOf(element);
  if (expected === undefined) return undefined;
  const shown = JSON.stringify(expected.value);
  const text = `${scope.label}: the value must ${expected.kind === 'fixed' ? 'be' : 'contain'} ${shown.length > 300 ? `${shown.slice(0, 300)}…` : shown}`;
  return ({ value }, at, run) => {
    if (!expected.matches(value)) run.report('value', text, at);
  };
}

type CheckChild = (parent: JsonObject, at: string, run: Run) => void;

function compileChildren(node: ElementNode, scope: Scope): Check | undefined {
  const checks = node.children
    .map((child) => compileChild(child, scope))
    .filter((check) => check !== undefined);
  if (checks.length === 0) return undefined;
  return (item, at, run) => {
    const parent = parentOf(item);
    for (const check of checks) check(parent, at, run);
  };
}

/** How many there must be, beyond what the standard says. */
function cardinality({ element }: ElementNode): { min: number; max: number } {
  const { min = 0, max = '*', base } = element;
  return {
    min: min > (base?.min ?? 0) ? min : 0,
    max: max === '*' || max === base?.max ? Infinity : Number(max),
  };
}

function compileChild(node: ElementNode, scope: Scope): CheckChild | undefined {
  const { min, max } = cardinality(node);
  const check = compileElement(node, scope);
  const slicing = compileSlicing(node, scope, compileElement);
  const isMustSupport = node.element.mustSupport === true;
  if (min === 0 && max === Infinity && !check && !slicing && !isMustSupport) return undefined;
  const name = node.name.replace('[x]', '');
  const suffixes = suffixesOf(node);
  const repeats = (node.element.base?.max ?? node.element.max) !== '1';
  const { label } = scope;
  const placeOf = (at: string, i: number): string => (repeats ? `${at}.${name}[${i}]` : `${at}.${name}`);
  return (parent, at, run) => {
    const items: readonly Item[] = collect(parent, name, suffixes);
    if (items.length === 0) {
      if (min > 0) run.report('required', `${label}: ${name} is required`, `${at}.${name}`);
      else if (isMustSupport && run.context.reportsMustSupport === true)
        run.report(
          'informational',
          `${label}: ${name} is must-support, and is absent`,
          `${at}.${name}`,
          'information',
        );
      slicing?.(items, [], at, run);
      return;
    }
    if (items.length < min)
      run.report(
        'required',
        `${label}: at least ${min} ${name} are required, and there are ${items.length}`,
        `${at}.${name}`,
      );
    if (items.length > max)
      run.report(
        'structure',
        max === 0
          ? `${label}: ${name} is not allowed`
          : `${label}: at most ${max} ${name} are allowed, and there are ${items.length}`,
        `${at}.${name}`,
      );
    if (check) for (let i = 0; i < items.length; i += 1) check(items[i]!, placeOf(at, i), run);
    if (slicing)
      slicing(
        items,
        items.map((_item, i) => placeOf(at, i)),
        at,
        run,
      );
  };
}
