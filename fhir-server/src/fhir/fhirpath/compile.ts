/**
 * Compiles FHIRPath to plain functions over JSON, with tests that make no collections where only the truth is asked for.
 *
 * What needs types that JSON does not show, and what invariants hardly ever use, is left to the `fhirpath` library: the
 * compiler throws NotCompiled. https://hl7.org/fhirpath/N1/
 */
import { choiceNames, isResourceType } from '../definitions/index.ts';
import { FUNCTIONS, union } from './functions.ts';
import {
  addChildren,
  addMember,
  type Collection,
  EMPTY,
  equal,
  hasChild,
  isObject,
  type Item,
  valueOf,
} from './item.ts';
import { arithmetic, compareAll } from './operators.ts';
import type { Node, Operator } from './parse.ts';
import { type Environment, NotCompiled, type Select, type Test } from './select.ts';
import { EvaluationError, truth } from './truth.ts';

const CHOICES = choiceNames();

const asCollection = (value: boolean | undefined): Collection => (value === undefined ? EMPTY : [value]);
const itself: Select = (_environment, focus) => [focus];

const VARIABLES: Readonly<Record<string, Select>> = {
  resource: ({ resource }) => [resource],
  rootResource: ({ rootResource }) => [rootResource],
  context: (_environment, _focus, context) => [context],
  ucum: () => ['http://unitsofmeasure.org'],
  sct: () => ['http://snomed.info/sct'],
  loinc: () => ['http://loinc.org'],
};

/** `root` is the type of the focus, by which an expression may begin. Throws NotCompiled. */
export function compileSelect(node: Node, root: string): Select {
  switch (node.kind) {
    case 'literal': {
      const literal: Collection = [node.value];
      return () => literal;
    }
    case 'empty':
      return () => EMPTY;
    case 'this':
      return itself;
    case 'variable':
      if (!Object.hasOwn(VARIABLES, node.name)) throw new NotCompiled();
      return VARIABLES[node.name]!;
    case 'member':
      return member(node, root);
    case 'call':
      return call(node, root);
    case 'index': {
      const of = compileSelect(node.of, root);
      if (node.at.kind !== 'literal' || typeof node.at.value !== 'number') throw new NotCompiled();
      const at = node.at.value;
      return (e, f, c) => of(e, f, c).slice(at, at + 1);
    }
    case 'as':
      return typed(node.of, node.type, root);
    case 'is': {
      const test = isType(node.of, node.type, root);
      return (e, f, c) => asCollection(test(e, f, c));
    }
    case 'negate':
      throw new NotCompiled();
    case 'binary':
      return binary(node, root);
  }
}

/** The same as a test: true, false, or undefined for the empty collection. */
export function compileTest(node: Node, root: string): Test {
  const quick = quickTest(node, root);
  if (quick !== undefined) return quick;
  const select = compileSelect(node, root);
  return (e, f, c) => truth(select(e, f, c));
}

/** Undefined for what is no test by its form. */
function quickTest(node: Node, root: string): Test | undefined {
  if (node.kind === 'is') return isType(node.of, node.type, root);
  if (node.kind === 'binary')
    return LOGIC[node.op]?.(compileTest(node.left, root), compileTest(node.right, root));
  return node.kind === 'call' && node.args.length === 0 ? quickCall(node, root) : undefined;
}

type Logic = (left: Test, right: Test) => Test;

const and: Logic = (left, right) => (e, f, c) => {
  const a = left(e, f, c);
  if (a === false) return false;
  const b = right(e, f, c);
  return b === false ? false : a === true && b === true ? true : undefined;
};

const or: Logic = (left, right) => (e, f, c) => {
  const a = left(e, f, c);
  if (a === true) return true;
  const b = right(e, f, c);
  return b === true ? true : a === false && b === false ? false : undefined;
};

const xor: Logic = (left, right) => (e, f, c) => {
  const a = left(e, f, c);
  const b = right(e, f, c);
  return a === undefined || b === undefined ? undefined : a !== b;
};

const implies: Logic = (left, right) => (e, f, c) => {
  const a = left(e, f, c);
  if (a === false) return true;
  const b = right(e, f, c);
  return b === true ? true : a === true ? b : undefined;
};

/** https://hl7.org/fhirpath/N1/#boolean-logic, with the right side left out where the left one decides. */
const LOGIC: Readonly<Partial<Record<Operator, Logic>>> = { and, or, xor, implies };

type Call = Node & { readonly kind: 'call' };

/** `name.exists()`, `name.empty()` and `x.not()`, which make up most of the invariants. */
function quickCall({ name, of }: Call, root: string): Test | undefined {
  if (name === 'not' && of !== undefined) {
    const test = compileTest(of, root);
    return (e, f, c) => {
      const value = test(e, f, c);
      return value === undefined ? undefined : !value;
    };
  }
  if ((name !== 'exists' && name !== 'empty') || of?.kind !== 'member' || isTypeName(of.name))
    return undefined;
  const child = of.name;
  const isThere = name === 'exists';
  if (of.of === undefined || of.of.kind === 'this') return (_e, focus) => hasChild(focus, child) === isThere;
  const parent = compileSelect(of.of, root);
  return (e, f, c) => parent(e, f, c).some((item) => hasChild(item, child)) === isThere;
}

const isTypeName = (name: string): boolean => /^[A-Z]/.test(name);

function member({ name, of }: Node & { kind: 'member' }, root: string): Select {
  if (of === undefined && isTypeName(name)) {
    if (name !== root) throw new NotCompiled();
    return itself;
  }
  if (of === undefined)
    return (_e, focus) => {
      const found: Item[] = [];
      addChildren(focus, name, found);
      return found;
    };
  const parent = compileSelect(of, root);
  return (e, f, c) => {
    const found: Item[] = [];
    for (const item of parent(e, f, c)) addChildren(item, name, found);
    return found;
  };
}

function call(node: Call, root: string): Select {
  const { name, args, of } = node;
  if (name === 'ofType' || name === 'as' || name === 'is') {
    const [type, ...more] = args;
    if (type?.kind !== 'member' || type.of !== undefined || more.length > 0) throw new NotCompiled();
    return compileSelect(
      { kind: name === 'is' ? 'is' : 'as', of: of ?? { kind: 'this' }, type: type.name },
      root,
    );
  }
  const quick = args.length === 0 ? quickCall(node, root) : undefined;
  if (quick !== undefined) return (e, f, c) => asCollection(quick(e, f, c));
  if (!Object.hasOwn(FUNCTIONS, name)) throw new NotCompiled();
  const source = of === undefined ? itself : compileSelect(of, root);
  return FUNCTIONS[name]!(
    source,
    args.map((arg) => ({
      node: arg,
      select: () => compileSelect(arg, root),
      test: () => compileTest(arg, root),
    })),
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function plainTypeName(type: string): string {
  const name = type.replace(/^FHIR\./, '');
  if (name.includes('.')) throw new NotCompiled();
  return name;
}

/** A choice element shows its type in the name of its JSON member, a resource in its resourceType. */
function typed(of: Node, type: string, root: string): Select {
  const name = plainTypeName(type);
  // What a reference leads to, and the focus where resources are meant.
  const isRoot = of.kind === 'this' || (of.kind === 'member' && of.of === undefined && isTypeName(of.name));
  if (isResourceType(name) && (isRoot || (of.kind === 'call' && of.name === 'resolve'))) {
    const source = compileSelect(of, root);
    return (e, f, c) => source(e, f, c).filter((item) => isResource(item, name));
  }
  // Only choices and resources show their type.
  if (of.kind !== 'member' || !(isResourceType(name) || CHOICES.has(of.name))) throw new NotCompiled();
  const parent = of.of === undefined ? itself : compileSelect(of.of, root);
  const typedMember = of.name + capital(name);
  return (e, f, c) => {
    const found: Item[] = [];
    for (const item of parent(e, f, c)) {
      if (!isObject(item)) continue;
      addMember(item, typedMember, found);
      const inside: Item[] = [];
      addMember(item, of.name, inside);
      for (const one of inside) {
        if (isResource(one, name)) found.push(one);
        // `Identifier.value` is no choice, as other elements of its name are.
        else if (!isResourceType(name)) throw new EvaluationError('The type of an element cannot be told');
      }
    }
    return found;
  };
}

const isResource = (item: Item, type: string): boolean => isObject(item) && item['resourceType'] === type;

const SYSTEM_TYPE = /^(Boolean|String|Integer|Decimal)$/;

/** `is`, where JSON shows the type: of choice elements and resources; `resolve() is Patient` by the reference alone. */
function isType(of: Node, type: string, root: string): Test {
  const name = plainTypeName(type);
  if (of.kind === 'call' && of.name === 'resolve' && of.args.length === 0) {
    const source = of.of === undefined ? itself : compileSelect(of.of, root);
    return (e, f, c) => refersTo(source(e, f, c), name, e);
  }
  if (of.kind === 'variable' && /esource$/.test(of.name)) {
    const source = compileSelect(of, root);
    return (e, f, c) => isResource(source(e, f, c)[0], name);
  }
  const all = compileSelect(of, root);
  const found = typed(of, SYSTEM_TYPE.test(name) ? name.toLowerCase() : name, root);
  return (e, f, c) => {
    const items = all(e, f, c);
    if (items.length > 1) throw new EvaluationError('is: one item is expected');
    return items.length === 0 ? undefined : found(e, f, c).length === 1;
  };
}

const REFERENCE = /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

function refersTo(items: Collection, type: string, { resolve }: Environment): boolean | undefined {
  if (items.length > 1) throw new EvaluationError('is: one item is expected');
  const node = valueOf(items[0]);
  const said = isObject(node) && typeof node['type'] === 'string' ? node['type'] === type : undefined;
  const text = isObject(node) ? node['reference'] : node;
  if (typeof text !== 'string') return said;
  const found = resolve?.(text);
  if (isObject(found)) return isResource(found, type);
  const named = REFERENCE.exec(text)?.[1];
  return named === undefined ? said : named === type;
}

function binary(node: Node & { kind: 'binary' }, root: string): Select {
  const { op } = node;
  const logic = quickTest(node, root);
  if (logic !== undefined) return (e, f, c) => asCollection(logic(e, f, c));
  const a = compileSelect(node.left, root);
  const b = compileSelect(node.right, root);
  switch (op) {
    case '|':
      return (e, f, c) => union(a(e, f, c), b(e, f, c));
    case 'in':
      return (e, f, c) => membership(a(e, f, c), b(e, f, c));
    case 'contains':
      return (e, f, c) => membership(b(e, f, c), a(e, f, c));
    case '=':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return (e, f, c) => asCollection(compareAll(op, a(e, f, c), b(e, f, c)));
    case '+':
    case '-':
    case '*':
    case '/':
    case '&':
    case 'div':
    case 'mod':
      return (e, f, c) => arithmetic(op, a(e, f, c), b(e, f, c));
    default:
      throw new NotCompiled();
  }
}

/** https://hl7.org/fhirpath/N1/#in-membership */
function membership(one: Collection, of: Collection): Collection {
  if (one.length === 0) return EMPTY;
  if (one.length > 1) throw new EvaluationError('in: one item is expected');
  return [of.some((item) => equal(item, one[0]))];
}
