/** What a value set contains by its definition: https://hl7.org/fhir/R4/valueset.html#compositions */
import type {
  ValueSet,
  ValueSetComposeInclude,
  ValueSetComposeIncludeConcept,
  ValueSetComposeIncludeFilter,
  ValueSetExpansion,
  ValueSetExpansionContains,
} from '@medplum/fhirtypes';
import { badRequest, FhirError, notSupported } from '../fhir/outcome.ts';
import type { CodeSystemContent } from './code-system-content.ts';
import {
  activeConcepts,
  allConcepts,
  type ConceptSet,
  filteredConcepts,
  intersectionOf,
  listedConcepts,
} from './concept-set.ts';
import { type Contents, difference, intersection, NONE_NAMED, type Part, union, weight } from './contents.ts';
import { regexSteps } from './linear-regex.ts';
import { unknownCodeSystem } from './refusals.ts';
import type { Reader } from './source.ts';

/** The value sets of one request, each composed once however often it is referred to. */
export class Composer {
  readonly #reader: Reader;
  /** Whether code systems are read of which codes are only listed. */
  readonly #isComplete: boolean;
  readonly #composed = new Map<string, Contents>();

  constructor(reader: Reader, { isComplete = false } = {}) {
    this.#reader = reader;
    this.#isComplete = isComplete;
  }

  /** `within`: the value sets that lead here by their references. Throws 400 for what is unknown, too large or in a loop. */
  async valueSet(canonical: string, within: readonly string[] = []): Promise<Contents> {
    const before = this.#composed.get(canonical);
    if (before !== undefined) return before;
    if (within.includes(canonical))
      throw badRequest(`Value sets refer to each other in a loop: ${[...within, canonical].join(' → ')}`);
    const valueSet = await this.#reader.knownValueSet(canonical);
    const contents = await this.contents(valueSet, [...within, canonical]);
    this.#composed.set(canonical, contents);
    return contents;
  }

  /**
   * The definition counts before an expansion, which may have been made with parameters or long ago. Where the definition
   * cannot be worked out here, as when its code system is not known, the expansion is what the author has left for that.
   */
  async contents({ compose, expansion }: ValueSet, within: readonly string[]): Promise<Contents> {
    const canonical = within.at(-1) ?? '';
    if (compose === undefined) {
      if (expansion !== undefined) return this.#expanded(expansion, canonical);
      throw notSupported(`The value set ${canonical} has neither a definition nor an expansion`);
    }
    try {
      const included = await this.#all(compose.include, compose.inactive === false, within);
      // What is excluded is excluded whether it is active or not.
      return difference(included, await this.#all(compose.exclude ?? [], false, within));
    } catch (error) {
      if (expansion === undefined || !isBeyondUs(error)) throw error;
      return this.#expanded(expansion, canonical);
    }
  }

  async #all(
    parts: readonly ValueSetComposeInclude[] = [],
    activeOnly: boolean,
    within: readonly string[],
  ): Promise<Contents> {
    const all: Contents[] = [];
    for (const part of parts) all.push(await this.#include(part, activeOnly, within));
    return union(all);
  }

  /** A code has to fulfil all that one include says: its system, its filters, and each of its value sets. */
  async #include(
    part: ValueSetComposeInclude,
    activeOnly: boolean,
    within: readonly string[],
  ): Promise<Contents> {
    const all: Contents[] = [];
    if (part.system !== undefined) all.push([await this.#ofSystem(part, part.system, activeOnly)]);
    for (const canonical of part.valueSet ?? []) all.push(await this.valueSet(canonical, within));
    const [first, ...others] = all;
    if (first === undefined)
      throw badRequest(`An include of the value set ${within.at(-1)} names neither a system nor a value set`);
    const contents = others.reduce(intersection, first);
    this.#reader.count(weight(contents) + 1);
    if (!activeOnly || part.system !== undefined) return contents;
    return contents.map((p) => ({ ...p, set: withoutInactive(p.set, p.content) }));
  }

  async #ofSystem(part: ValueSetComposeInclude, named: string, activeOnly: boolean): Promise<Part> {
    // Some value sets of the standard write the version behind the system.
    const [system = '', behind] = named.split('|');
    const version = this.#reader.versionOf(system, part.version ?? behind);
    const { concept, filter = [] } = part;
    // Listed codes stand for themselves, whether their system is known or not.
    const isListOnly = concept !== undefined && filter.length === 0 && !activeOnly;
    const content =
      isListOnly && !this.#isComplete ? undefined : await this.#reader.codeSystem(system, version);
    const size = content?.size ?? 0;
    const sets: ConceptSet[] = concept === undefined ? [] : [listedConcepts(concept.map((c) => c.code))];
    if (filter.length > 0 && content === undefined) throw unknownCodeSystem(canonicalOf(system, version));
    sets.push(...filter.map((f) => filteredConcepts(f, size * effort(f))));
    const set = sets.length === 0 ? allConcepts(size) : intersectionOf(sets);
    return {
      system,
      version,
      content,
      set: activeOnly ? withoutInactive(set, content) : set,
      named: namedOf(concept),
    };
  }

  /** Throws 400 for an expansion that says itself that it is only a part. */
  async #expanded({ contains = [], total }: ValueSetExpansion, canonical: string): Promise<Contents> {
    const bySystem = new Map<string, ValueSetComposeIncludeConcept[]>();
    let entries = 0;
    const waiting: ValueSetExpansionContains[] = contains.toReversed();
    for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
      const { system, code, abstract, display, designation } = entry;
      // Abstract entries are there to navigate by and are not members.
      if (system !== undefined && code !== undefined && abstract !== true) {
        const concept = { code, ...(display && { display }), ...(designation && { designation }) };
        const known = bySystem.get(system);
        if (known === undefined) bySystem.set(system, [concept]);
        else known.push(concept);
      }
      if (code !== undefined) entries += 1;
      for (const inner of (entry.contains ?? []).toReversed()) waiting.push(inner);
    }
    this.#reader.count(entries);
    if (total !== undefined && total > entries)
      throw notSupported(`The expansion of the value set ${canonical} has ${entries} of ${total} codes only`);
    return Promise.all(
      [...bySystem].map(async ([system, concepts]) => ({
        system,
        content: this.#isComplete ? await this.#reader.codeSystem(system) : undefined,
        set: listedConcepts(concepts.map(({ code }) => code)),
        named: namedOf(concepts),
      })),
    );
  }
}

/** Of one concept, in concepts that are only looked at. */
const effort = ({ op, value }: ValueSetComposeIncludeFilter): number =>
  op === 'regex' ? 1 + Math.ceil(regexSteps(value) / 2) : 1;

/** Where a system is not known, neither is which of its codes are inactive: they stay. */
const withoutInactive = (set: ConceptSet, content: CodeSystemContent | undefined): ConceptSet =>
  content === undefined ? set : intersectionOf([set, activeConcepts(content.size)]);

const namedOf = (concepts: readonly ValueSetComposeIncludeConcept[] = []): Part['named'] => {
  const named = concepts.filter(({ display, designation }) => display !== undefined || designation !== undefined); // prettier-ignore
  return named.length === 0 ? NONE_NAMED : new Map(named.map((concept) => [concept.code, concept]));
};

const canonicalOf = (system: string, version: string | undefined): string =>
  version === undefined ? system : `${system}|${version}`;

const isBeyondUs = (error: unknown): boolean =>
  error instanceof FhirError &&
  error.outcome.issue.every(({ code }) => code === 'not-found' || code === 'not-supported');
