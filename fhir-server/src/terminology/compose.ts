/** What a value set contains by its definition: https://hl7.org/fhir/R4/valueset.html#compositions */
import type {
  CodeSystem,
  ValueSet,
  ValueSetComposeInclude,
  ValueSetExpansion,
  ValueSetExpansionContains,
} from '@medplum/fhirtypes';
import { badRequest, FhirError, notSupported } from '../fhir/outcome.ts';
import { type CodeSet, codesOf, difference, intersection, size, union, wholeSystem } from './code-set.ts';
import { conceptsOf, isInactive } from './concepts.ts';
import { filterConcepts } from './filter.ts';
import { unknownCodeSystem, unknownValueSet } from './refusals.ts';
import type { Reader } from './source.ts';

/** The value sets of one search, each composed once however often it is referred to. */
export class Composer {
  readonly #reader: Reader;
  readonly #composed = new Map<string, CodeSet>();

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** `within`: the value sets that lead here by their references. Throws 400 for what is unknown, too large or in a loop. */
  async valueSet(canonical: string, within: readonly string[] = []): Promise<CodeSet> {
    const before = this.#composed.get(canonical);
    if (before !== undefined) return before;
    if (within.includes(canonical))
      throw badRequest(`Value sets refer to each other in a loop: ${[...within, canonical].join(' → ')}`);
    const valueSet = await this.#reader.valueSet(canonical);
    if (valueSet === undefined) throw unknownValueSet(canonical);
    const set = await this.#contents(valueSet, [...within, canonical]);
    this.#composed.set(canonical, set);
    return set;
  }

  /**
   * The definition counts before an expansion, which may have been made with parameters or long ago. Where the definition
   * cannot be worked out here, as when its code system is not known, the expansion is what the author has left for that.
   */
  async #contents({ compose, expansion }: ValueSet, within: readonly string[]): Promise<CodeSet> {
    const canonical = within.at(-1) ?? '';
    if (compose === undefined) {
      if (expansion !== undefined) return listExpansion(expansion, canonical, this.#reader);
      throw notSupported(`The value set ${canonical} has neither a definition nor an expansion`);
    }
    try {
      const included = await this.#all(compose.include, compose.inactive === false, within);
      // What is excluded is excluded whether it is active or not.
      return difference(included, await this.#all(compose.exclude ?? [], false, within));
    } catch (error) {
      if (expansion === undefined || !isBeyondUs(error)) throw error;
      return listExpansion(expansion, canonical, this.#reader);
    }
  }

  async #all(
    parts: readonly ValueSetComposeInclude[] = [],
    activeOnly: boolean,
    within: readonly string[],
  ): Promise<CodeSet> {
    const sets: CodeSet[] = [];
    for (const part of parts) sets.push(await this.#part(part, activeOnly, within));
    return union(sets);
  }

  /** A code has to fulfil all that one include says: its system, its filters, and each of its value sets. */
  async #part(
    part: ValueSetComposeInclude,
    activeOnly: boolean,
    within: readonly string[],
  ): Promise<CodeSet> {
    const sets: CodeSet[] = [];
    if (part.system !== undefined) sets.push(await this.#ofSystem(part, part.system, activeOnly));
    for (const canonical of part.valueSet ?? []) sets.push(await this.valueSet(canonical, within));
    const [first, ...others] = sets;
    if (first === undefined)
      throw badRequest(`An include of the value set ${within.at(-1)} names neither a system nor a value set`);
    for (const set of sets) this.#reader.count(size(set) + 1);
    return others.reduce(intersection, first);
  }

  async #ofSystem(part: ValueSetComposeInclude, named: string, activeOnly: boolean): Promise<CodeSet> {
    // Some value sets of the standard write the version behind the system.
    const [system = '', behind] = named.split('|');
    const version = part.version ?? behind;
    const canonical = version === undefined ? system : `${system}|${version}`;
    const { concept, filter = [] } = part;
    // Listed codes stand for themselves, whether their system is known or not.
    const sets = concept === undefined ? [] : [codesOf(system, new Set(concept.map((c) => c.code)))];
    if (sets[0] !== undefined && filter.length === 0 && !activeOnly) return sets[0];
    const codeSystem = await this.#reader.codeSystem(canonical);
    if (filter.length > 0) sets.push(this.#filtered(system, canonical, codeSystem, filter));
    const found = sets.length === 0 ? everything(system, codeSystem) : sets.reduce(intersection);
    return activeOnly ? this.#withoutInactive(found, system, codeSystem) : found;
  }

  #filtered(
    system: string,
    canonical: string,
    codeSystem: CodeSystem | undefined,
    filters: NonNullable<ValueSetComposeInclude['filter']>,
  ): CodeSet {
    if (codeSystem?.concept === undefined) throw unknownCodeSystem(canonical);
    const concepts = conceptsOf(codeSystem);
    this.#reader.count(concepts.byCode.size * filters.length);
    return filters.map((f) => codesOf(system, filterConcepts(concepts, f))).reduce(intersection);
  }

  /** Where a system is not known, neither is which of its codes are inactive: they stay. */
  #withoutInactive(set: CodeSet, system: string, codeSystem: CodeSystem | undefined): CodeSet {
    if (codeSystem?.concept === undefined || set.whole.has(system)) return set;
    const { byCode } = conceptsOf(codeSystem);
    this.#reader.count(byCode.size);
    const inactive = [...byCode].filter(([, concept]) => isInactive(concept)).map(([code]) => code);
    return difference(set, codesOf(system, inactive));
  }
}

const isBeyondUs = (error: unknown): boolean =>
  error instanceof FhirError &&
  error.outcome.issue.every(({ code }) => code === 'not-found' || code === 'not-supported');

/** A fragment or an example does not tell which codes the system has. */
const everything = (system: string, codeSystem: CodeSystem | undefined): CodeSet =>
  codeSystem?.content === 'complete'
    ? codesOf(system, conceptsOf(codeSystem).byCode.keys())
    : wholeSystem(system);

/** Throws 400 for an expansion that says itself that it is only a part. */
function listExpansion(
  { contains = [], total }: ValueSetExpansion,
  canonical: string,
  reader: Reader,
): CodeSet {
  const codes = new Map<string, Set<string>>();
  let entries = 0;
  const waiting: ValueSetExpansionContains[] = contains.toReversed();
  for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
    const { system, code, abstract } = entry;
    // Abstract entries are there to navigate by and are not members.
    if (system !== undefined && code !== undefined && abstract !== true)
      codes.set(system, (codes.get(system) ?? new Set()).add(code));
    if (code !== undefined) entries += 1;
    for (const inner of entry.contains ?? []) waiting.push(inner);
  }
  reader.count(entries);
  if (total !== undefined && total > entries)
    throw notSupported(`The expansion of the value set ${canonical} has ${entries} of ${total} codes only`);
  return { whole: new Set(), codes };
}
