/** Evaluates with HL7's `fhirpath` what the compiler does not take; loaded only when the first such expression comes. */
import { createRequire } from 'node:module';
import type { Model } from 'fhirpath';
import type { Selector } from './fhirpath-compile.ts';

interface Library {
  compile(path: string, model: Model): (resource: unknown) => unknown[];
}

const require = createRequire(import.meta.url);

/** Throws Error for an expression that is not FHIRPath. */
export function fallbackSelector(expression: string): Selector {
  const library = require('fhirpath') as Library;
  const evaluate = library.compile(expression, require('fhirpath/fhir-context/r4') as Model);
  return ([resource]) => evaluate(resource);
}
