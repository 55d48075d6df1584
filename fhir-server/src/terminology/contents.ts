/** What a value set contains, system by system, as its compose adds, intersects and excludes (https://hl7.org/fhir/R4/valueset.html#compositions). */
import type { ValueSetComposeIncludeConcept } from '@medplum/fhirtypes';
import type { CodeSystemContent } from './code-system-content.ts';
import { type ConceptSet, differenceOf, intersectionOf, unionOf } from './concept-set.ts';

/** What is taken of one version of a code system. */
export interface Part {
  readonly system: string;
  /** As the value set names it. */
  readonly version?: string | undefined;
  /** Undefined where it is not known or was not asked for. */
  readonly content?: CodeSystemContent | undefined;
  readonly set: ConceptSet;
  /** Concepts that the value set describes in words of its own. */
  readonly named: Named;
}

export type Named = ReadonlyMap<string, ValueSetComposeIncludeConcept>;

export const NONE_NAMED: Named = new Map();

export type Contents = readonly Part[];

/** In the order of the first part of each system. */
export function union(all: readonly Contents[]): Contents {
  const bySystem = Map.groupBy(all.flat(), keyOf);
  return [...bySystem.values()].map((parts) =>
    parts.length === 1 ? parts[0]! : merge(parts, unionOf(parts.map(({ set }) => set))),
  );
}

/** Where versions differ, that of `a` counts. */
export function intersection(a: Contents, b: Contents): Contents {
  return a.flatMap((part) => {
    const others = b.filter(({ system }) => system === part.system);
    if (others.length === 0) return [];
    return [merge([part, ...others], intersectionOf([part.set, unionOf(others.map(({ set }) => set))]))];
  });
}

export function difference(a: Contents, b: Contents): Contents {
  return a.map((part) => {
    const others = b.filter(({ system }) => system === part.system);
    if (others.length === 0) return part;
    // An exclude may have read the system that the include only lists codes of.
    const content = part.content ?? others.find((other) => other.content)?.content;
    return { ...part, content, set: differenceOf(part.set, unionOf(others.map(({ set }) => set))) };
  });
}

export const weight = (contents: Contents): number => contents.reduce((sum, { set }) => sum + set.weight, 0);

const keyOf = ({ system, version, content }: Part): string =>
  `${system}|${content?.version ?? version ?? ''}`;

function merge(parts: readonly Part[], set: ConceptSet): Part {
  const [first] = parts as readonly [Part];
  const named = parts.filter((part) => part.named.size > 0);
  return {
    system: first.system,
    version: first.version,
    content: parts.find(({ content }) => content !== undefined)?.content,
    set,
    named:
      named.length <= 1
        ? (named[0]?.named ?? NONE_NAMED)
        : new Map(named.toReversed().flatMap((part) => [...part.named])),
  };
}
