/** Which concepts subsume which, for a client that keeps a closure table. https://hl7.org/fhir/R4/terminology-service.html#closure */
import type { ConceptMap } from '@medplum/fhirtypes';
import { FhirError, issue } from '../fhir/outcome.ts';
import type { ClosureRelation } from './closure-store.ts';
import type { CodeSystemContent } from './code-system-content.ts';
import { filteredConcepts } from './concept-set.ts';

/** What one call may tell; a hierarchy that is a long chain has as many as the square of its concepts. */
const RELATIONS_MAX = 100_000;

/** Relations of the new codes to each other and to those that were there; all are of one code system. */
export async function relationsOf(
  content: CodeSystemContent,
  before: readonly string[],
  added: readonly string[],
): Promise<ClosureRelation[]> {
  const all = [...new Set([...before, ...added])];
  const system = content.url;
  const relations: ClosureRelation[] = [];
  const related = (op: 'is-a' | 'generalizes', code: string): Promise<ReadonlySet<string>> =>
    content.members(filteredConcepts({ property: 'concept', op, value: code }, content.size), all);
  for (const code of added) {
    const [below, above] = await Promise.all([related('is-a', code), related('generalizes', code)]);
    for (const other of above) if (other !== code) relations.push({ system, code, above: other });
    for (const other of below) if (other !== code) relations.push({ system, code: other, above: code });
    if (relations.length > RELATIONS_MAX) throw tooManyRelations;
  }
  const distinct = new Map(relations.map((r) => [`${r.code}\n${r.above}`, r]));
  return [...distinct.values()];
}

/** https://hl7.org/fhir/R4/conceptmap-operation-closure.html: the target subsumes the element. */
export function closureMap(name: string, version: number, relations: readonly ClosureRelation[]): ConceptMap {
  const group = [...Map.groupBy(relations, ({ system }) => system)].map(([system, own]) => ({
    source: system,
    target: system,
    element: [...Map.groupBy(own, ({ code }) => code)].map(([code, of]) => ({
      code,
      target: of.map(({ above }) => ({ code: above, equivalence: 'subsumes' as const })),
    })),
  }));
  return {
    resourceType: 'ConceptMap',
    name,
    version: String(version),
    status: 'active',
    experimental: true,
    date: new Date().toISOString(),
    ...(group.length > 0 && { group }),
  };
}

const tooManyRelations = new FhirError(422, [
  issue('too-costly', 'The concepts have too many relations to each other; add fewer at a time'),
]);
