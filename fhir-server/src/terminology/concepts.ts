/** The concepts of a code system and what lies above and below each (https://hl7.org/fhir/R4/codesystem.html#hierarchy). */
import type { CodeSystem, CodeSystemConcept, CodeSystemConceptProperty } from '@medplum/fhirtypes';

export interface Concepts {
  readonly byCode: ReadonlyMap<string, CodeSystemConcept>;
  /** Codes of the concepts in which a concept is nested, or of those that it names as its parents. */
  readonly parents: Links;
  readonly children: Links;
}

type Links = ReadonlyMap<string, ReadonlySet<string>>;

const PROPERTY = 'http://hl7.org/fhir/concept-properties#';

/** Where nesting says "part of" or nothing at all, the outer concept does not subsume the inner one. */
const NOT_IS_A = new Set<string | undefined>(['part-of', 'grouped-by']);

/** The standard's code systems stay the same objects, and are large. */
const known = new WeakMap<CodeSystem, Concepts>();

export function conceptsOf(codeSystem: CodeSystem): Concepts {
  const before = known.get(codeSystem);
  if (before !== undefined) return before;
  const concepts = indexConcepts(codeSystem);
  known.set(codeSystem, concepts);
  return concepts;
}

function indexConcepts(codeSystem: CodeSystem): Concepts {
  const byCode = new Map<string, CodeSystemConcept>();
  const parents = new Map<string, Set<string>>();
  const children = new Map<string, Set<string>>();
  const link = (parent: string, child: string): void => {
    add(parents, child, parent);
    add(children, parent, child);
  };
  const upward = propertyCodes(codeSystem, 'parent', ['parent', 'subsumedBy']);
  const downward = propertyCodes(codeSystem, 'child', ['child']);
  const nested = !NOT_IS_A.has(codeSystem.hierarchyMeaning);

  // A list of work to do rather than recursion: a stored code system may nest as deep as it likes.
  const waiting = (codeSystem.concept ?? []).toReversed();
  for (let concept = waiting.pop(); concept !== undefined; concept = waiting.pop()) {
    const { code } = concept;
    if (!byCode.has(code)) byCode.set(code, concept);
    for (const property of concept.property ?? []) {
      const other = propertyValue(property);
      if (upward.has(property.code)) link(other, code);
      if (downward.has(property.code)) link(code, other);
    }
    const below = concept.concept ?? [];
    if (nested) for (const inner of below) link(code, inner.code);
    for (const inner of below.toReversed()) waiting.push(inner);
  }
  return { byCode, parents, children };
}

function add(links: Map<string, Set<string>>, from: string, to: string): void {
  const known = links.get(from);
  if (known === undefined) links.set(from, new Set([to]));
  else known.add(to);
}

/** The properties' usual codes, and those that the code system says have this meaning. */
export function propertyCodes(
  codeSystem: CodeSystem,
  meaning: string,
  usual: readonly string[],
): ReadonlySet<string> {
  const declared = (codeSystem.property ?? []).filter((p) => p.uri === `${PROPERTY}${meaning}`);
  return new Set([...usual, ...declared.map((p) => p.code)]);
}

export function propertyValue(property: CodeSystemConceptProperty): string {
  const { valueCode, valueString, valueCoding, valueDateTime, valueBoolean, valueInteger, valueDecimal } =
    property;
  const value =
    valueCode ??
    valueString ??
    valueCoding?.code ??
    valueDateTime ??
    valueBoolean ??
    valueInteger ??
    valueDecimal;
  return String(value ?? '');
}

/** The code and all that are above it, nearest first; loops end where they close. */
export const withAncestors = (concepts: Concepts, code: string): Set<string> => reach(concepts.parents, code);

/** The code and all that are below it, nearest first; loops end where they close. */
export const withDescendants = (concepts: Concepts, code: string): Set<string> =>
  reach(concepts.children, code);

function reach(links: Links, start: string): Set<string> {
  const reached = new Set([start]);
  // A Set hands out what is added while it is walked.
  for (const code of reached) for (const next of links.get(code) ?? []) reached.add(next);
  return reached;
}

/** https://hl7.org/fhir/R4/codesystem.html#status: `inactive`, or a status that says so. */
export const isInactive = (concept: CodeSystemConcept): boolean =>
  (concept.property ?? []).some(
    (p) =>
      (p.code === 'inactive' && (p.valueBoolean === true || p.valueCode === 'true')) ||
      (p.code === 'status' && ['retired', 'inactive'].includes(propertyValue(p))),
  );

/** `notSelectable`, by its name or by the property that the code system declares for it; HL7 v3 calls it abstract. */
export const isAbstract = (concept: CodeSystemConcept, names: ReadonlySet<string>): boolean =>
  (concept.property ?? []).some((p) => names.has(p.code) && propertyValue(p) === 'true');
