/** HL7's FHIRPath test suite for R4: the `fhirpath` library, and our compiler wherever it takes the expression. */
import { expect } from '@jest/globals';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Model } from 'fhirpath';
import { compileConstraint } from '../../../src/fhir/fhirpath/index.ts';
import { readExample } from '../../conformance/official-examples.ts';
import { sharedData, testWith } from '../../support/requirement.ts';
import { INPUTS, LIBRARY_EXCEPTIONS, MISSING_INPUTS } from './suite-exceptions.ts';
import { readSuite, type SuiteCase } from './suite.ts';

interface Library {
  evaluate(
    resource: unknown,
    expression: string,
    variables: object,
    model: Model,
    options: object,
  ): unknown[];
}

const require = createRequire(import.meta.url);
const library = require('fhirpath') as Library;
const r4 = require('fhirpath/fhir-context/r4') as Model;

const folder = sharedData('fhir-tests');
const cases = (): SuiteCase[] =>
  readSuite(join(folder.path!, 'fhirpath-r4', 'r4', 'fhirpath', 'tests-fhir-r4.xml'));

/** The published example, with the variables that every expression has. */
function inputOf({ input }: SuiteCase): unknown {
  return input === '' ? {} : readExample(INPUTS[input]!);
}

const textOf = (value: unknown): string =>
  String(typeof value === 'object' && value !== null && 'asStr' in value ? value.asStr : value)
    .replace(/^@?T?/, '')
    .trim();

const isMoment = (text: string): boolean => /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text);

function isSame(found: unknown, expected: string): boolean {
  const [a, b] = [textOf(found), textOf(expected)];
  if (a === b || expected === '') return true;
  if (isMoment(a) && isMoment(b)) return Date.parse(a) === Date.parse(b);
  return b !== '' && Number(a) === Number(b);
}

const truth = (items: readonly unknown[]): boolean =>
  items.length === 1 && typeof items[0] === 'boolean' ? items[0] : items.length > 0;

/** Undefined when the library does as the suite says. */
function difference(one: SuiteCase): string | undefined {
  const resource = inputOf(one);
  let found: unknown[];
  try {
    const variables = {
      resource,
      rootResource: resource,
      sct: 'http://snomed.info/sct',
      loinc: 'http://loinc.org',
    };
    found = library.evaluate(resource, one.expression, variables, r4, {
      async: false,
      traceFn: () => undefined,
    });
  } catch {
    return one.isInvalid ? undefined : 'it fails';
  }
  if (one.isInvalid) return 'it does not fail';
  const [first] = one.outputs;
  if (one.isPredicate && first !== undefined)
    return String(truth(found)) === first.text.trim() ? undefined : 'another truth';
  if (found.length !== one.outputs.length) return 'another number of items';
  return one.outputs.every(({ text }, i) => isSame(found[i], text)) ? undefined : 'other items';
}

testWith(folder)(
  'the library does as the suite says, but for what is listed',
  () => {
    const all = cases();
    expect(all.length).toBeGreaterThan(900);
    const missing = all.filter(({ input }) => input in MISSING_INPUTS);
    expect(missing).toHaveLength(Object.values(MISSING_INPUTS).reduce((a, b) => a + b));
    const different = all
      .filter(({ input }) => !(input in MISSING_INPUTS))
      .filter((one) => difference(one) !== undefined)
      .map(({ name }) => name);
    expect(different.sort()).toEqual(Object.values(LIBRARY_EXCEPTIONS).flat().sort());
  },
  60_000,
);

testWith(folder)(
  'our compiler does as the suite says wherever it takes an expression that is true or false',
  () => {
    const boolean = cases().filter(
      ({ input, isInvalid, outputs }) =>
        !(input in MISSING_INPUTS) && !isInvalid && outputs.length === 1 && outputs[0]!.type === 'boolean',
    );
    const listed = new Set(Object.values(LIBRARY_EXCEPTIONS).flat());
    let taken = 0;
    const different = boolean.flatMap((one) => {
      const resource = inputOf(one) as { resourceType?: string };
      const constraint = compileConstraint(one.expression, resource.resourceType ?? '');
      if (constraint === undefined || constraint.fallback || listed.has(one.name)) return [];
      taken += 1;
      const found = constraint.test({ resource, rootResource: resource }, resource, resource);
      const expected = one.outputs[0]!.text.trim() === 'true';
      return (found ?? false) === expected ? [] : [{ name: one.name, expression: one.expression, found }];
    });
    expect(different).toEqual([]);
    expect(taken).toBeGreaterThan(150);
  },
);
