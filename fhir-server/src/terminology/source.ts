/** Where value sets and code systems come from: the caller's own first, then those of the standard, read once and counted. */
import type { CodeSystem, ValueSet } from '@medplum/fhirtypes';
import { standardCodeSystem, standardValueSet } from '../fhir/definitions/index.ts';
import { implicitValueSet } from './implicit-value-set.ts';
import type { TerminologyLimits } from './limits.ts';
import { tooMuchWork } from './refusals.ts';

/** The stored resources that the caller may see. */
export interface TerminologySource {
  /** By canonical, with or without `|version`, or by `ValueSet/id`. */
  valueSet(canonical: string): Promise<ValueSet | undefined>;
  /** By canonical, with or without `|version`. */
  codeSystem(url: string): Promise<CodeSystem | undefined>;
}

/** What one search reads, within its limits. */
export class Reader {
  readonly limits: TerminologyLimits;
  /** The canonical that the search names, for what is told to the client. */
  readonly asked: string;
  readonly #source: TerminologySource;
  readonly #codeSystems = new Map<string, CodeSystem | undefined>();
  #resources = 0;
  #steps = 0;

  constructor(source: TerminologySource, asked: string, limits: TerminologyLimits) {
    this.#source = source;
    this.asked = asked;
    this.limits = limits;
  }

  async valueSet(canonical: string): Promise<ValueSet | undefined> {
    this.#countResource();
    return (
      (await this.#source.valueSet(canonical)) ?? standardValueSet(canonical) ?? implicitValueSet(canonical)
    );
  }

  async codeSystem(canonical: string): Promise<CodeSystem | undefined> {
    if (!this.#codeSystems.has(canonical)) {
      this.#countResource();
      const found = (await this.#source.codeSystem(canonical)) ?? standardCodeSystem(canonical);
      this.#codeSystems.set(canonical, found);
    }
    return this.#codeSystems.get(canonical);
  }

  /** Throws 400 when the search has looked at more concepts than it may. */
  count(concepts: number): void {
    this.#steps += concepts;
    if (this.#steps > this.limits.steps) throw tooMuchWork(this.asked);
  }

  #countResource(): void {
    this.#resources += 1;
    if (this.#resources > this.limits.resources) throw tooMuchWork(this.asked);
  }
}
