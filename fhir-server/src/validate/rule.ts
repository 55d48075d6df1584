/** Invariants of the definitions, compiled when they are first needed. https://hl7.org/fhir/R4/conformance-rules.html#constraints */
import { constraint, type ConstraintDefinition } from '../fhir/definitions/index.ts';
import { compileConstraint, type Test } from '../fhir/fhirpath/index.ts';
import { correctedTest, isElsewhere } from './standard-errata.ts';

/** An invariant at one type or element. */
export class Rule {
  readonly definition: ConstraintDefinition;
  readonly #path: string;
  #test: Test | undefined;

  constructor(definition: ConstraintDefinition, path: string) {
    this.definition = definition;
    this.#path = path;
  }

  /** Throws Error when the expression cannot be evaluated. */
  get test(): Test {
    if (this.#test === undefined) {
      const test =
        correctedTest(this.definition.key) ?? compileConstraint(this.definition.expression, this.#path)?.test;
      if (test === undefined) throw new Error(`${this.definition.key} cannot be evaluated`);
      this.#test = test;
    }
    return this.#test;
  }
}

/** Those of an element, by the places in the definitions; what the walk checks by itself is not among them. */
export const rulesOf = (places: readonly number[] | undefined, path: string): Rule[] =>
  (places ?? [])
    .map(constraint)
    .filter(({ key }) => !isElsewhere(key))
    .map((definition) => new Rule(definition, path));
