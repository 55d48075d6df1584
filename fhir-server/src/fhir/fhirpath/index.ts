/** FHIRPath over the JSON of FHIR: constraints as plain functions. https://hl7.org/fhir/R4/fhirpath.html */
import { compileTest } from './compile.ts';
import { hasSafePatterns, libraryTest } from './library.ts';
import { type Node, parseFhirPath, UnparsedError } from './parse.ts';
import { NotCompiled, type Test } from './select.ts';

export type { Environment, Test } from './select.ts';
export { addChildren, descendants, ExtendedPrimitive, momentRange, valueOf } from './item.ts';
export { libraryTest } from './library.ts';
export { type Pattern, safePattern } from './pattern.ts';
export { compileTransition, type Transition } from './transition.ts';
export { EvaluationError } from './truth.ts';

export interface Constraint {
  /** Throws EvaluationError, or what the library throws, when the expression fails on the content. */
  readonly test: Test;
  /** Whether it is the `fhirpath` library that evaluates. */
  readonly fallback: boolean;
}

/**
 * The truth of an expression whose focus is an element of the type or path: `Period`, `Patient.contact`. Undefined for what is
 * no FHIRPath, and for patterns whose work has no bound.
 */
export function compileConstraint(expression: string, path: string): Constraint | undefined {
  if (expression.length > LENGTH_MAX) return undefined;
  const tree = parsed(expression);
  try {
    if (tree) return { test: compileTest(tree, path), fallback: false };
  } catch (error) {
    if (!(error instanceof NotCompiled)) return undefined;
  }
  if (tree ? !hasSafePatterns(tree) : /matches/i.test(expression)) return undefined;
  try {
    return { test: libraryTest(expression, path), fallback: true };
  } catch {
    return undefined;
  }
}

/** Characters; an expression that is longer could nest too deep. */
const LENGTH_MAX = 4_000;

/** Undefined for what is left to the library. */
function parsed(expression: string): Node | undefined {
  try {
    return parseFhirPath(expression);
  } catch (error) {
    if (error instanceof UnparsedError) return undefined;
    throw error;
  }
}
