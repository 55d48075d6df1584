/** The summarise stage without any service: the facts of the chart, in order, and nothing else. */
import type { SummariseProvider } from '../stages.ts';
import { embedded } from './identity.ts';
import { listFacts } from './list-facts.ts';

export const embeddedSummariseProvider: SummariseProvider = {
  ...embedded,
  refusal: () => undefined,
  run: ({ facts }) => Promise.resolve({ output: listFacts(facts) }),
};
