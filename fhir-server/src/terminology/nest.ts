/** The entries of an expansion below those that subsume them. https://hl7.org/fhir/R4/valueset-definitions.html#ValueSet.expansion.contains.contains */
import type { ValueSetExpansionContains } from '@medplum/fhirtypes';
import type { Contents } from './contents.ts';

/** Each concept stands once, below the first of its parents that is in the expansion itself. */
export async function nest(
  contents: Contents,
  entries: readonly ValueSetExpansionContains[],
): Promise<ValueSetExpansionContains[]> {
  const top: ValueSetExpansionContains[] = [];
  for (const [system, own] of Map.groupBy(entries, (entry) => entry.system)) {
    const content = contents.find((part) => part.system === system)?.content;
    const byCode = new Map(own.map((entry) => [entry.code ?? '', entry]));
    const parentOf = new Map<string, string>();
    for (const code of byCode.keys()) {
      const { parents = [] } = (await content?.neighbours(code)) ?? {};
      const parent = parents.find((p) => byCode.has(p) && !isBelow(p, code, parentOf));
      if (parent === undefined) continue;
      parentOf.set(code, parent);
    }
    for (const [code, entry] of byCode) {
      const parent = byCode.get(parentOf.get(code) ?? '');
      if (parent === undefined) top.push(entry);
      else (parent.contains ??= []).push(entry);
    }
  }
  return top;
}

/** Hierarchies may go in a loop, which ends at the first concept that is reached again. */
function isBelow(code: string, above: string, parentOf: ReadonlyMap<string, string>): boolean {
  for (let at: string | undefined = code; at !== undefined; at = parentOf.get(at))
    if (at === above) return true;
  return false;
}
