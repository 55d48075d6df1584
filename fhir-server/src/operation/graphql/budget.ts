/** What one query may cost while it is answered. Over a limit it is refused as a whole. */
import type { FieldNode } from 'graphql';
import { FhirError, issue } from '../../fhir/outcome.ts';
import type { GraphqlConfig } from '../../platform/graphql-config.ts';
import type { Weights } from './weights.ts';

/** 400: the client can ask for less. */
export const tooMuch = (diagnostics: string): FhirError =>
  new FhirError(400, [issue('too-costly', diagnostics)]);

export class Budget {
  readonly #limits: GraphqlConfig;
  readonly #bytesMax: number;
  readonly #weights: Weights;
  #cost = 0;
  #resources = 0;
  #bytes = 0;

  constructor(limits: GraphqlConfig, bytesMax: number, weights: Weights) {
    this.#limits = limits;
    this.#bytesMax = bytesMax;
    this.#weights = weights;
  }

  /** Resources that may still be read. */
  get resourcesLeft(): number {
    return this.#limits.resourcesMax - this.#resources;
  }

  /** Before a field with so many objects is answered: each has as many values as its selection names. Throws 400. */
  spend(nodes: readonly FieldNode[], objects: number): void {
    this.#cost += objects * nodes.reduce((sum, node) => sum + this.#weights.of(node), 0);
    if (this.#cost > this.#limits.costMax)
      throw tooMuch(`The answer would have more than ${this.#limits.costMax} values; ask for less`);
  }

  /** Throws 400. */
  read(bytes: number): void {
    this.#resources += 1;
    this.#bytes += bytes;
    if (this.#resources > this.#limits.resourcesMax)
      throw tooMuch(`More than ${this.#limits.resourcesMax} resources would be read; ask for less`);
    if (this.#bytes > this.#bytesMax)
      throw tooMuch(`Resources of more than ${this.#bytesMax} bytes would be read; ask for less`);
  }
}
