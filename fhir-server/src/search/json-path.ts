/**
 * FHIRPath of tokens, references and uris → SQL/JSON paths, so that PostgreSQL finds sort values in the stored JSON.
 * Only what such parameters are made of: elements, choice types, alternatives and simple conditions.
 */
import {
  AsAtom,
  type Atom,
  DotAtom,
  EqualsAtom,
  FunctionAtom,
  IsAtom,
  LiteralAtom,
  parseFhirPath,
  SymbolAtom,
  UnionAtom,
} from '@medplum/core';
import { structure } from '../fhir/definitions/index.ts';
import { expressionParts } from './expression-parts.ts';

/** Undefined for an expression outside of the subset. The paths are ours, not the client's: they hold names only. */
export function jsonPaths(expression: string, resourceType: string): string[] | undefined {
  const paths: string[] = [];
  for (const part of expressionParts(expression, resourceType)) {
    const found = compile(parseFhirPath(part).child, resourceType);
    if (found === undefined) return undefined;
    paths.push(...found);
  }
  return paths.length === 0 ? undefined : paths;
}

function compile(atom: Atom, resourceType: string): string[] | undefined {
  if (atom instanceof SymbolAtom)
    return /^[A-Z]/.test(atom.name) ? ['$'] : withChoices('$', atom.name, resourceType);
  if (atom instanceof AsAtom && atom.right instanceof SymbolAtom)
    return typed(atom.left, atom.right.name, resourceType);
  if (atom instanceof UnionAtom) {
    const left = compile(atom.left, resourceType);
    const right = compile(atom.right, resourceType);
    return left && right && [...left, ...right];
  }
  if (!(atom instanceof DotAtom)) return undefined;
  const { left, right } = atom;
  if (right instanceof FunctionAtom) return applied(left, right, resourceType);
  if (!(right instanceof SymbolAtom)) return undefined;
  return compile(left, resourceType)?.flatMap((path) => withChoices(path, right.name, resourceType));
}

function applied(left: Atom, call: FunctionAtom, resourceType: string): string[] | undefined {
  const [argument] = call.args;
  if ((call.name === 'as' || call.name === 'ofType') && argument instanceof SymbolAtom)
    return typed(left, argument.name, resourceType);
  if (call.name !== 'where') return undefined;
  const paths = compile(left, resourceType);
  // `resolve() is Patient`: sorting by a narrower reference sorts by the reference.
  if (argument instanceof IsAtom) return paths;
  if (!(argument instanceof EqualsAtom)) return undefined;
  const { left: name, right: literal } = argument;
  if (!(name instanceof SymbolAtom) || !(literal instanceof LiteralAtom)) return undefined;
  const value: unknown = literal.value.value;
  if (typeof value !== 'string') return undefined;
  return paths?.map((path) => `${path} ? (@.${quoted(name.name)} == ${JSON.stringify(value)})`);
}

function typed(left: Atom, type: string, resourceType: string): string[] | undefined {
  const last = left instanceof DotAtom ? left.right : left;
  if (!(last instanceof SymbolAtom)) return undefined;
  const parents = left instanceof DotAtom ? compile(left.left, resourceType) : ['$'];
  return parents?.map((path) => `${path}.${quoted(last.name + type[0]!.toUpperCase() + type.slice(1))}`);
}

/** A choice element without its type stands for all of its properties. */
function withChoices(path: string, name: string, resourceType: string): string[] {
  const place = `${resourceType}${path.slice(1).replaceAll('"', '')}.${name}[x]`;
  const choice = structure(resourceType)?.elements.find((e) => e.path === place);
  if (!choice) return [`${path}.${quoted(name)}`];
  return choice.types.map(({ code }) => `${path}.${quoted(name + code[0]!.toUpperCase() + code.slice(1))}`);
}

const quoted = (name: string): string => JSON.stringify(name);
