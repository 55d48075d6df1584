/**
 * Compiles the FHIRPath of SearchParameters to plain functions over JSON.
 *
 * It takes the subset that the standard's parameters use (https://hl7.org/fhir/R4/searchparameter.html); for anything
 * else it answers undefined and the caller evaluates with the `fhirpath` library. Choice elements are found by the
 * type suffix of their JSON property, so that no definitions are needed.
 */
import {
  AndAtom,
  AsAtom,
  type Atom,
  DotAtom,
  EqualsAtom,
  FunctionAtom,
  IndexerAtom,
  IsAtom,
  LiteralAtom,
  NotEqualsAtom,
  parseFhirPath,
  SymbolAtom,
  UnionAtom,
} from '@medplum/core';
import { isElement } from './parameter/parameter-type.ts';

/** From a collection of JSON values to a collection; must not change its input. */
export type Selector = (input: readonly unknown[]) => readonly unknown[];

const EMPTY: readonly unknown[] = [];
const nothing: Selector = () => EMPTY;
const itself: Selector = (input) => input;

const BASE_TYPES = new Set(['Resource', 'DomainResource']);
// The types that a choice element's property name may end with. https://hl7.org/fhir/R4/datatypes.html#open
const CHOICE_TYPES = new Set(
  (
    'Base64Binary Boolean Canonical Code Date DateTime Decimal Id Instant Integer Markdown Oid PositiveInt String Time ' +
    'UnsignedInt Uri Url Uuid Address Age Annotation Attachment CodeableConcept Coding ContactPoint Count Distance ' +
    'Duration HumanName Identifier Money Period Quantity Range Ratio Reference SampledData Signature Timing ' +
    'ContactDetail Contributor DataRequirement Expression ParameterDefinition RelatedArtifact TriggerDefinition ' +
    'UsageContext Dosage Meta'
  ).split(' '),
);

/**
 * The selector for resources of one type; alternatives that start at another type select nothing. Undefined when the
 * expression is outside the subset.
 */
export function compileFhirPath(expression: string, resourceType: string): Selector | undefined {
  return compile(parseFhirPath(expression).child, resourceType);
}

function compile(atom: Atom, type: string): Selector | undefined {
  if (atom instanceof SymbolAtom) return symbol(atom.name, type);
  if (atom instanceof DotAtom) return dot(atom, type);
  if (atom instanceof UnionAtom) return union(compile(atom.left, type), compile(atom.right, type));
  if (atom instanceof AsAtom && atom.right instanceof SymbolAtom)
    return ofType(atom.left, atom.right.name, type);
  if (atom instanceof AndAtom) return conjunction(compile(atom.left, type), compile(atom.right, type));
  if (atom instanceof EqualsAtom) return comparison(atom.left, atom.right, type, true);
  if (atom instanceof NotEqualsAtom) return comparison(atom.left, atom.right, type, false);
  if (atom instanceof IndexerAtom) return indexer(atom, type);
  if (atom instanceof FunctionAtom) return apply(itself, atom, type);
  return undefined;
}

function symbol(name: string, type: string): Selector {
  if (/^[A-Z]/.test(name)) return name === type || BASE_TYPES.has(name) ? itself : nothing;
  return property(name);
}

function dot(atom: DotAtom, type: string): Selector | undefined {
  const { left, right } = atom;
  if (right instanceof FunctionAtom && (right.name === 'ofType' || right.name === 'as')) {
    const [target] = right.args;
    return right.args.length === 1 && target instanceof SymbolAtom
      ? ofType(left, target.name, type)
      : undefined;
  }
  const first = compile(left, type);
  if (first === undefined || first === nothing) return first;
  if (right instanceof FunctionAtom) return apply(first, right, type);
  return right instanceof SymbolAtom ? then(first, property(right.name)) : undefined;
}

const then = (first: Selector, second: Selector): Selector =>
  first === itself ? second : (input) => second(first(input));

/** Children by name; without one, the choice element `name[x]` whatever its type. */
function property(name: string): Selector {
  return (input) => {
    let found: unknown[] | undefined;
    for (const node of input) {
      if (!isElement(node)) continue;
      const value = node[name] ?? choice(node, name);
      if (value === undefined || value === null) continue;
      found ??= [];
      if (Array.isArray(value)) for (const one of value as unknown[]) found.push(one);
      else found.push(value);
    }
    return found ?? EMPTY;
  };
}

function choice(node: Readonly<Record<string, unknown>>, name: string): unknown {
  for (const key in node)
    if (key.length > name.length && key.startsWith(name) && CHOICE_TYPES.has(key.slice(name.length)))
      return node[key];
  return undefined;
}

/** `value.ofType(Quantity)` is the JSON property `valueQuantity`. */
function ofType(left: Atom, target: string, type: string): Selector | undefined {
  const last = left instanceof DotAtom ? left.right : left;
  if (!(last instanceof SymbolAtom)) return undefined;
  const parent = left instanceof DotAtom ? compile(left.left, type) : itself;
  if (parent === undefined || parent === nothing) return parent;
  const typed = property(last.name + target[0]!.toUpperCase() + target.slice(1));
  const resources = property(last.name);
  return then(parent, (input) => {
    const found = typed(input);
    if (found.length > 0) return found;
    const inline = resources(input).filter((v) => isElement(v) && v['resourceType'] === target);
    return inline.length > 0 ? inline : EMPTY;
  });
}

function union(left: Selector | undefined, right: Selector | undefined): Selector | undefined {
  if (left === undefined || right === undefined) return undefined;
  if (left === nothing) return right;
  if (right === nothing) return left;
  return (input) => {
    const first = left(input);
    const second = right(input);
    return first.length === 0 ? second : second.length === 0 ? first : [...first, ...second];
  };
}

/** Three-valued `and` over singleton booleans. */
function conjunction(left: Selector | undefined, right: Selector | undefined): Selector | undefined {
  if (left === undefined || right === undefined) return undefined;
  return (input) => {
    const values = [left(input), right(input)];
    if (values.some(([v]) => v === false)) return [false];
    return values.every(([v]) => v === true) ? [true] : EMPTY;
  };
}

/** `=` and `!=` with a literal on the right; empty when the left side is. */
function comparison(left: Atom, right: Atom, type: string, equal: boolean): Selector | undefined {
  const selector = compile(left, type);
  if (selector === undefined || !(right instanceof LiteralAtom)) return undefined;
  const expected: unknown = right.value.value;
  return (input) => {
    const found = selector(input);
    return found.length === 0 ? EMPTY : [(found.length === 1 && found[0] === expected) === equal];
  };
}

function indexer(atom: IndexerAtom, type: string): Selector | undefined {
  const selector = compile(atom.left, type);
  if (selector === undefined || !(atom.expr instanceof LiteralAtom)) return undefined;
  const index = Number(atom.expr.value.value);
  return (input) => selector(input).slice(index, index + 1);
}

function apply(first: Selector, call: FunctionAtom, type: string): Selector | undefined {
  const [argument] = call.args;
  if (call.name === 'exists' && argument === undefined) return (input) => [first(input).length > 0];
  if (call.name === 'first' && argument === undefined) return (input) => first(input).slice(0, 1);
  if (call.args.length !== 1 || argument === undefined) return undefined;
  if (call.name === 'extension' && argument instanceof LiteralAtom) {
    const url: unknown = argument.value.value;
    return then(then(first, property('extension')), (input) =>
      input.filter((e) => isElement(e) && e['url'] === url),
    );
  }
  return call.name === 'where' ? where(first, argument, type) : undefined;
}

function where(first: Selector, criterion: Atom, type: string): Selector | undefined {
  if (criterion instanceof IsAtom) {
    const { left, right } = criterion;
    if (!(left instanceof FunctionAtom) || left.name !== 'resolve' || !(right instanceof SymbolAtom))
      return undefined;
    const target = right.name;
    return then(first, (input) => input.filter((value) => refersTo(value, target)));
  }
  const test = compile(criterion, type);
  return test && then(first, (input) => input.filter((value) => test([value])[0] === true));
}

/** `resolve() is X` without reading: by the reference's own text or its `type`. */
export function refersTo(value: unknown, target: string): boolean {
  const text = isElement(value) ? value['reference'] : value;
  if (typeof text === 'string') {
    const parts = text.replace(/\/_history\/[^/]+$/, '').split('/');
    if (parts.length > 1 && /^[A-Z]/.test(parts.at(-2)!)) return parts.at(-2) === target;
  }
  return isElement(value) && (value['type'] === target || value['resourceType'] === target);
}
