/** Sets of codes as a value set's compose adds, intersects and excludes them (https://hl7.org/fhir/R4/valueset.html#compositions). */
import { unlistable } from './refusals.ts';

/** A code system whose content is not known can only be in a set as a whole. */
export interface CodeSet {
  readonly whole: ReadonlySet<string>;
  /** Code system → codes. */
  readonly codes: ReadonlyMap<string, ReadonlySet<string>>;
}

export const codesOf = (system: string, codes: Iterable<string>): CodeSet => ({
  whole: new Set(),
  codes: new Map([[system, new Set(codes)]]),
});

export const wholeSystem = (system: string): CodeSet => ({ whole: new Set([system]), codes: new Map() });

export const common = (a: ReadonlySet<string>, b: ReadonlySet<string> = new Set()): Set<string> =>
  new Set([...a].filter((code) => b.has(code)));

export const without = (a: ReadonlySet<string>, b: ReadonlySet<string> = new Set()): Set<string> =>
  new Set([...a].filter((code) => !b.has(code)));

/** Codes that are listed; whole systems do not count. */
export const size = (set: CodeSet): number =>
  [...set.codes.values()].reduce((sum, codes) => sum + codes.size, 0);

export function union(sets: readonly CodeSet[]): CodeSet {
  const whole = new Set(sets.flatMap((set) => [...set.whole]));
  const codes = new Map<string, Set<string>>();
  for (const set of sets)
    for (const [system, listed] of set.codes) {
      if (whole.has(system)) continue;
      const all = codes.get(system) ?? new Set();
      for (const code of listed) all.add(code);
      codes.set(system, all);
    }
  return { whole, codes };
}

export function intersection(a: CodeSet, b: CodeSet): CodeSet {
  const codes = new Map<string, ReadonlySet<string>>();
  for (const [system, listed] of a.codes) {
    if (b.whole.has(system)) codes.set(system, listed);
    else codes.set(system, common(listed, b.codes.get(system)));
  }
  for (const [system, listed] of b.codes) if (a.whole.has(system)) codes.set(system, listed);
  return { whole: common(a.whole, b.whole), codes };
}

/** Throws 400 where codes are to be taken out of a system that is not known. */
export function difference(a: CodeSet, b: CodeSet): CodeSet {
  const whole = without(a.whole, b.whole);
  for (const system of whole) if ((b.codes.get(system)?.size ?? 0) > 0) throw unlistable(system);
  const codes = new Map<string, ReadonlySet<string>>();
  for (const [system, listed] of a.codes)
    if (!b.whole.has(system)) codes.set(system, without(listed, b.codes.get(system)));
  return { whole, codes };
}
