/** The titles that sections of a summary may have: what else stands there would be read as said by the chart. */
import type { ChartFact } from './stages.ts';

/** By kind of fact, in the order in which they are listed. */
export const TITLES: Readonly<Record<ChartFact['category'], string>> = {
  allergy: 'Allergies',
  problem: 'Problems',
  medication: 'Medications',
  result: 'Results',
  visit: 'Earlier visits',
  procedure: 'Procedures',
  order: 'Open orders',
  document: 'Documents',
};

/** "Today" is what bears on the reason for the visit, of any kind. */
export const SUMMARY_TITLES: readonly string[] = ['Today', ...Object.values(TITLES)];
