/** A summary that adds nothing: the chart's facts under headings, the newest first, each with its resource; results beside the one before. */
import type { ChartFact, Summary } from '../stages.ts';
import { TITLES } from '../summary-title.ts';
import { trendsOf } from './trend.ts';

export function listFacts(facts: readonly ChartFact[]): Summary {
  return {
    sections: Object.entries(TITLES).flatMap(([category, title]) => {
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
