/** Which concepts of one code system a value set takes: an expression that is worked out in memory or in SQL (https://hl7.org/fhir/R4/valueset.html#compositions). */
import type { ValueSetComposeIncludeFilter } from '@medplum/fhirtypes';

/** `weight`: about how many concepts are looked at to work it out in memory. */
export type ConceptSet = { readonly weight: number } & (
  | { readonly kind: 'all' }
  /** In the order of the definition; whether the system has them is not said. */
  | { readonly kind: 'codes'; readonly codes: ReadonlySet<string> }
  | { readonly kind: 'filter'; readonly filter: ValueSetComposeIncludeFilter }
  /** What is not inactive, and what is not abstract. */
  | { readonly kind: 'active' }
  | { readonly kind: 'selectable' }
  | { readonly kind: 'and'; readonly of: readonly ConceptSet[] }
  | { readonly kind: 'or'; readonly of: readonly ConceptSet[] }
  | { readonly kind: 'minus'; readonly of: ConceptSet; readonly without: ConceptSet }
);

export const allConcepts = (size: number): ConceptSet => ({ kind: 'all', weight: size + 1 });

export const activeConcepts = (size: number): ConceptSet => ({ kind: 'active', weight: size + 1 });

export const selectableConcepts = (size: number): ConceptSet => ({ kind: 'selectable', weight: size + 1 });

export const filteredConcepts = (filter: ValueSetComposeIncludeFilter, size: number): ConceptSet => ({
  kind: 'filter',
  filter,
  weight: size + 1,
});

export function listedConcepts(listed: Iterable<string>): ConceptSet {
  const codes = new Set(listed);
  return { kind: 'codes', codes, weight: codes.size + 1 };
}

export function unionOf(sets: readonly ConceptSet[]): ConceptSet {
  const all = sets.find(({ kind }) => kind === 'all');
  if (all) return all;
  const parts = [...new Set(sets)].filter((set) => set.kind !== 'codes' || set.codes.size > 0);
  if (parts.length <= 1) return parts[0] ?? listedConcepts([]);
  if (parts.every((set) => set.kind === 'codes')) return listedConcepts(parts.flatMap((s) => [...s.codes]));
  return { kind: 'or', of: parts, weight: weightOf(parts) };
}

export function intersectionOf(sets: readonly ConceptSet[]): ConceptSet {
  const parts = [...new Set(sets)].filter(({ kind }) => kind !== 'all');
  if (parts.length <= 1) return parts[0] ?? sets[0] ?? listedConcepts([]);
  const [first, ...others] = parts;
  if (first?.kind === 'codes' && others.every((set) => set.kind === 'codes'))
    return listedConcepts([...first.codes].filter((code) => others.every((set) => set.codes.has(code))));
  return { kind: 'and', of: parts, weight: weightOf(parts) };
}

export function differenceOf(of: ConceptSet, without: ConceptSet): ConceptSet {
  if (without.kind === 'all') return listedConcepts([]);
  if (without.kind === 'codes' && without.codes.size === 0) return of;
  if (of.kind === 'codes' && without.kind === 'codes')
    return listedConcepts([...of.codes].filter((code) => !without.codes.has(code)));
  return { kind: 'minus', of, without, weight: weightOf([of, without]) };
}

const weightOf = (sets: readonly ConceptSet[]): number => sets.reduce((sum, { weight }) => sum + weight, 1);

/** What a set needs to know of its code system. */
export interface Leaves {
  all(): Iterable<string>;
  active(): ReadonlySet<string>;
  selectable(): ReadonlySet<string>;
  filtered(filter: ValueSetComposeIncludeFilter): ReadonlySet<string>;
}

/** The codes of the set, in the order in which its parts name them. */
export function listCodes(set: ConceptSet, leaves: Leaves): ReadonlySet<string> {
  switch (set.kind) {
    case 'all':
      return new Set(leaves.all());
    case 'active':
      return leaves.active();
    case 'selectable':
      return leaves.selectable();
    case 'codes':
      return set.codes;
    case 'filter':
      return leaves.filtered(set.filter);
    case 'or':
      return new Set(set.of.flatMap((part) => [...listCodes(part, leaves)]));
    case 'and': {
      const [first = new Set<string>(), ...others] = set.of.map((part) => listCodes(part, leaves));
      return new Set([...first].filter((code) => others.every((other) => other.has(code))));
    }
    case 'minus': {
      const without = listCodes(set.without, leaves);
      return new Set([...listCodes(set.of, leaves)].filter((code) => !without.has(code)));
    }
  }
}

/** What only the code system can tell. */
export type Leaf = ConceptSet & { readonly kind: 'all' | 'active' | 'selectable' | 'filter' };

/** Whether the code is in the set. `has` answers for the parts that rest on the code system. */
export function contains(set: ConceptSet, code: string, has: (leaf: Leaf) => boolean): boolean {
  switch (set.kind) {
    case 'all':
    case 'active':
    case 'selectable':
    case 'filter':
      return has(set);
    case 'codes':
      return set.codes.has(code);
    case 'or':
      return set.of.some((part) => contains(part, code, has));
    case 'and':
      return set.of.every((part) => contains(part, code, has));
    case 'minus':
      return contains(set.of, code, has) && !contains(set.without, code, has);
  }
}
