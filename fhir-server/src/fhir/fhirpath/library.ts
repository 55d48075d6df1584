/** Evaluates with HL7's `fhirpath` what the compiler leaves; loaded only when the first such expression comes. */
import { createRequire } from 'node:module';
import type { Model } from 'fhirpath';
import { ExtendedPrimitive, valueOf } from './item.ts';
import type { Node } from './parse.ts';
import { safePattern } from './pattern.ts';
import type { Test } from './select.ts';
import { truth } from './truth.ts';

type Evaluate = (focus: unknown, variables: Readonly<Record<string, unknown>>) => unknown[];

interface Library {
  compile(path: string | { base: string; expression: string }, model: Model, options: { async: false; traceFn: () => void }): Evaluate; // prettier-ignore
}

const require = createRequire(import.meta.url);

/** The library's own function for an expression whose focus is a resource. Throws for what is no FHIRPath. */
export function loadLibrary(expression: string): Evaluate {
  const library = require('fhirpath') as Library;
  const model = require('fhirpath/fhir-context/r4') as Model;
  return library.compile(expression, model, { async: false, traceFn: () => undefined });
}

/** `base`: path of the element that is the focus, which tells the library its type. Throws for what is no FHIRPath. */
export function libraryTest(expression: string, base: string): Test {
  const library = require('fhirpath') as Library;
  const model = require('fhirpath/fhir-context/r4') as Model;
  const quiet = { async: false, traceFn: () => undefined } as const;
  const path = /^[A-Z][A-Za-z]*$/.test(base) ? expression : { base, expression };
  const evaluate = library.compile(path, model, quiet);
  return ({ resource, rootResource }, focus, context) =>
    truth(evaluate(plain(focus), { ...SYSTEMS, resource, rootResource, context: plain(context) }));
}

/** https://hl7.org/fhir/R4/fhirpath.html#variables */
const SYSTEMS = { sct: 'http://snomed.info/sct', loinc: 'http://loinc.org' };

const plain = (item: unknown): unknown => (item instanceof ExtendedPrimitive ? valueOf(item) : item);

/** Whether all patterns of an expression are such that no text makes them run for long; the library has no bound itself. */
export function hasSafePatterns(node: Node): boolean {
  if (node.kind === 'call' && /^(matches|matchesFull|replaceMatches)$/.test(node.name)) {
    const [pattern] = node.args;
    if (pattern?.kind !== 'literal' || safePattern(String(pattern.value)) === undefined) return false;
  }
  return childrenOf(node).every(hasSafePatterns);
}

/** Whether an expression calls a function of one of the names. */
export const isCalling = (node: Node, names: RegExp): boolean =>
  (node.kind === 'call' && names.test(node.name)) || childrenOf(node).some((n) => isCalling(n, names));

function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'binary':
      return [node.left, node.right];
    case 'index':
      return [node.of, node.at];
    case 'call':
      return node.of === undefined ? node.args : [node.of, ...node.args];
    case 'member':
      return node.of === undefined ? [] : [node.of];
    case 'is':
    case 'as':
    case 'negate':
      return [node.of];
    case 'literal':
    case 'empty':
    case 'this':
    case 'variable':
      return [];
  }
}
