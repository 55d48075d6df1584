/** A summary that adds nothing: the chart's facts under headings, the newest first, each with its resource; results beside the one before. */
import type { ChartFact, Summary } from '../stages.ts';
import { trendsOf } from './trend.ts';

const SECTIONS: readonly (readonly [category: ChartFact['category'], title: string])[] = [
  ['allergy', 'Allergies'],
  ['problem', 'Problems'],
  ['medication', 'Medications'],
  ['result', 'Results'],
  ['visit', 'Earlier visits'],
  ['procedure', 'Procedures'],
  ['order', 'Open orders'],
  ['document', 'Documents'],
];

export function listFacts(facts: readonly ChartFact[]): Summary {
  return {
    sections: SECTIONS.flatMap(([category, title]) => {
      const own = facts
        .filter((fact) => fact.category === category)
        .toSorted((a, b) => (b.date ?? '').localeCompare(a.date ?? ''));
      const sentences = category === 'result' ? trendsOf(own) : sentencesOf(own);
      return own.length === 0 ? [] : [{ title, sentences }];
    }),
  };
}

/** What several resources say in the same words is said once, with all of them. */
function sentencesOf(facts: readonly ChartFact[]): Summary['sections'][number]['sentences'] {
  const groups = Map.groupBy(facts, (fact) => fact.text);
  return [...groups].map(([text, said]) => ({ text, source: said.map((fact) => fact.reference) }));
}
