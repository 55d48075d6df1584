/** Concept maps: the caller's own first, then those of the standard. https://hl7.org/fhir/R4/conceptmap.html */
import type { ConceptMap } from '@medplum/fhirtypes';
import { standardConceptMaps } from '../fhir/definitions/index.ts';
import type { TerminologySource } from './source.ts';

export async function findConceptMap(
  source: TerminologySource,
  canonical: string,
): Promise<ConceptMap | undefined> {
  const [url, version] = canonical.split('|');
  return (
    (await source.conceptMap?.(canonical)) ??
    standardConceptMaps().find((map) => map.url === url && (version === undefined || map.version === version))
  );
}

/** Those that lead from, or to, one of the code systems. */
export async function findConceptMaps(
  source: TerminologySource,
  side: 'source' | 'target',
  systems: readonly string[],
): Promise<readonly ConceptMap[]> {
  const stored = await Promise.all(
    systems.map(async (system) => (await source.conceptMaps?.(side, system)) ?? []),
  );
  const own = [...new Set(stored.flat())];
  const known = new Set(own.map(({ url }) => url));
  const standard = standardConceptMaps().filter(
    ({ url, group = [] }) =>
      !known.has(url) && group.some((g) => systems.includes((side === 'source' ? g.source : g.target) ?? '')),
  );
  return [...own, ...standard];
}
