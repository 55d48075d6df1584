/** A code system whose concepts stand in its resource: worked out in memory. https://hl7.org/fhir/R4/codesystem.html */
import type {
  CodeSystem,
  CodeSystemConcept,
  CodeSystemConceptDesignation,
  CodeSystemConceptProperty,
  ValueSetComposeIncludeFilter,
} from '@medplum/fhirtypes';
import type { CodeSystemContent, Selection, SelectPage } from './code-system-content.ts';
import type { Concept, Neighbours, Subsumption } from './concept.ts';
import { type ConceptSet, contains, type Leaves, listCodes } from './concept-set.ts';
import {
  type Concepts,
  conceptsOf,
  isAbstract,
  isInactive,
  propertyCodes,
  withAncestors,
  withDescendants,
} from './concepts.ts';
import { filterConcepts } from './filter.ts';
import { textMatcher, wordsOf } from './text-match.ts';

/** Filters whose codes are kept; the standard's code systems are asked for the same ones again and again. */
const KEPT_FILTERS_MAX = 100;

/** Named by a concept's place in the hierarchy, not by a property. */
const LINKS = new Set(['parent', 'child', 'subsumedBy']);

const known = new WeakMap<CodeSystem, ResourceContent>();

/** `supplements` add designations and properties: https://hl7.org/fhir/R4/codesystem.html#supplements */
export function resourceContent(
  codeSystem: CodeSystem,
  supplements: readonly CodeSystem[] = [],
): CodeSystemContent {
  if (supplements.length > 0) return new ResourceContent(supplemented(codeSystem, supplements));
  const before = known.get(codeSystem);
  if (before !== undefined) return before;
  const content = new ResourceContent(codeSystem);
  known.set(codeSystem, content);
  return content;
}

class ResourceContent implements CodeSystemContent {
  readonly #resource: CodeSystem;
  readonly #concepts: Concepts;
  readonly #abstract: ReadonlySet<string>;
  readonly #filtered = new Map<string, ReadonlySet<string>>();
  readonly #leaves: Leaves;
  /** Of the concepts that were looked through for a text. */
  readonly #words = new Map<string, readonly string[]>();
  #active: ReadonlySet<string> | undefined;
  #selectable: ReadonlySet<string> | undefined;
  /** Codes by how they are compared, where case does not count. */
  #folded: ReadonlyMap<string, string> | undefined;
  readonly isListable = true;

  constructor(resource: CodeSystem) {
    this.#resource = resource;
    this.#concepts = conceptsOf(resource);
    this.#abstract = propertyCodes(resource, 'notSelectable', ['notSelectable', 'abstract']);
    this.#leaves = {
      all: () => this.#concepts.byCode.keys(),
      active: () => (this.#active ??= this.#without(isInactive)),
      selectable: () => (this.#selectable ??= this.#without((c) => isAbstract(c, this.#abstract))),
      filtered: (filter) => this.#filter(filter),
    };
  }

  get url(): string {
    return this.#resource.url ?? '';
  }
  get version(): string | undefined {
    return this.#resource.version;
  }
  get name(): string | undefined {
    return this.#resource.name;
  }
  get title(): string | undefined {
    return this.#resource.title;
  }
  get valueSet(): string | undefined {
    return this.#resource.valueSet;
  }
  get content(): CodeSystem['content'] {
    return this.#resource.content;
  }
  /** R4 leaves it open where the resource does not say; codes that differ by case are safer kept apart. */
  get caseSensitive(): boolean {
    return this.#resource.caseSensitive !== false;
  }
  get size(): number {
    return this.#concepts.byCode.size;
  }

  find(codes: readonly string[]): Promise<ReadonlyMap<string, Concept>> {
    const found = new Map<string, Concept>();
    for (const code of codes) {
      const concept = this.#concepts.byCode.get(this.#spelt(code));
      if (concept !== undefined) found.set(code, this.#describe(concept));
    }
    return Promise.resolve(found);
  }

  neighbours(code: string): Promise<Neighbours> {
    const spelt = this.#spelt(code);
    return Promise.resolve({
      parents: [...(this.#concepts.parents.get(spelt) ?? [])],
      children: [...(this.#concepts.children.get(spelt) ?? [])],
    });
  }

  select(set: ConceptSet, { text, offset, count }: SelectPage): Promise<Selection> {
    const matches = text === undefined ? undefined : textMatcher(text);
    const found: CodeSystemConcept[] = [];
    for (const code of listCodes(set, this.#leaves)) {
      const concept = this.#concepts.byCode.get(this.#spelt(code));
      if (concept !== undefined && (matches === undefined || matches(this.#wordsOf(concept))))
        found.push(concept);
    }
    const page = found.slice(offset, offset + count).map((concept) => this.#describe(concept));
    return Promise.resolve({ total: found.length, concepts: page });
  }

  list(set: ConceptSet, max: number): Promise<readonly string[]> {
    const codes: string[] = [];
    for (const code of listCodes(set, this.#leaves)) {
      if (codes.length >= max) break;
      const concept = this.#concepts.byCode.get(this.#spelt(code));
      if (concept !== undefined) codes.push(concept.code);
    }
    return Promise.resolve(codes);
  }

  members(set: ConceptSet, codes: readonly string[]): Promise<ReadonlySet<string>> {
    const isMember = (code: string): boolean => {
      const spelt = this.#spelt(code);
      return contains(set, spelt, (leaf) =>
        leaf.kind === 'all' ? this.#concepts.byCode.has(spelt) : listCodes(leaf, this.#leaves).has(spelt),
      );
    };
    return Promise.resolve(new Set(codes.filter(isMember)));
  }

  subsumption(a: string, b: string): Promise<Subsumption> {
    const [first, second] = [this.#spelt(a), this.#spelt(b)];
    if (first === second) return Promise.resolve('equivalent');
    if (withAncestors(this.#concepts, second).has(first)) return Promise.resolve('subsumes');
    return Promise.resolve(withAncestors(this.#concepts, first).has(second) ? 'subsumed-by' : 'not-subsumed');
  }

  reach(code: string, direction: 'above' | 'below', max: number): Promise<readonly string[]> {
    const reached = (direction === 'above' ? withAncestors : withDescendants)(
      this.#concepts,
      this.#spelt(code),
    );
    return Promise.resolve([...reached].slice(0, max + 1));
  }

  #describe(concept: CodeSystemConcept): Concept {
    const { code, display, definition, designation = [], property = [] } = concept;
    return {
      code,
      display,
      definition,
      inactive: isInactive(concept),
      abstract: isAbstract(concept, this.#abstract),
      designations: designation,
      properties: property.filter((p) => !LINKS.has(p.code)),
    };
  }

  #wordsOf(concept: CodeSystemConcept): readonly string[] {
    let words = this.#words.get(concept.code);
    if (words === undefined) this.#words.set(concept.code, (words = wordsOf(textOf(concept))));
    return words;
  }

  #filter(filter: ValueSetComposeIncludeFilter): ReadonlySet<string> {
    const key = JSON.stringify([filter.property, filter.op, filter.value]);
    const before = this.#filtered.get(key);
    if (before !== undefined) return before;
    const found = filterConcepts(this.#concepts, filter);
    if (this.#filtered.size < KEPT_FILTERS_MAX) this.#filtered.set(key, found);
    return found;
  }

  #without(isOut: (concept: CodeSystemConcept) => boolean): ReadonlySet<string> {
    const others = [...this.#concepts.byCode].filter(([, concept]) => !isOut(concept));
    return new Set(others.map(([code]) => code));
  }

  #spelt(code: string): string {
    if (this.caseSensitive || this.#concepts.byCode.has(code)) return code;
    this.#folded ??= new Map([...this.#concepts.byCode.keys()].map((c) => [c.toLowerCase(), c]));
    return this.#folded.get(code.toLowerCase()) ?? code;
  }
}

const textOf = ({ code, display = '', designation = [] }: CodeSystemConcept): string =>
  [code, display, ...designation.map(({ value }) => value)].join('\n');

interface Additions {
  readonly designation: CodeSystemConceptDesignation[];
  readonly property: CodeSystemConceptProperty[];
}

/** Nesting is copied level by level, without recursion: it may be as deep as its author liked. */
function supplemented(codeSystem: CodeSystem, supplements: readonly CodeSystem[]): CodeSystem {
  const additions = new Map<string, Additions>();
  for (const supplement of supplements)
    for (const [code, { designation = [], property = [] }] of conceptsOf(supplement).byCode) {
      const before = additions.get(code) ?? { designation: [], property: [] };
      additions.set(code, {
        designation: [...before.designation, ...designation],
        property: [...before.property, ...property],
      });
    }
  const whole: CodeSystem = {
    ...codeSystem,
    property: [...(codeSystem.property ?? []), ...supplements.flatMap((s) => s.property ?? [])],
  };
  const waiting: { concept?: CodeSystemConcept[] }[] = [whole];
  for (let level = waiting.pop(); level !== undefined; level = waiting.pop()) {
    if (level.concept === undefined) continue;
    level.concept = level.concept.map((concept) => withAdditions(concept, additions.get(concept.code)));
    for (const concept of level.concept) waiting.push(concept);
  }
  return whole;
}

const withAdditions = (concept: CodeSystemConcept, more: Additions | undefined): CodeSystemConcept =>
  more === undefined
    ? { ...concept }
    : {
        ...concept,
        designation: [...(concept.designation ?? []), ...more.designation],
        property: [...(concept.property ?? []), ...more.property],
      };
