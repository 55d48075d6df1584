/** What became of asking a provider, in words; a code of a later version stays as it is. */
import type en from '../locale/en.json';
import { useText } from '../words.ts';

type Outcome = keyof (typeof en)['provider-outcome'];

const KNOWN: readonly string[] = [
  'answered',
  'cached',
  'refused',
  'throttled',
  'unavailable',
  'rejected',
  'unusable',
  'misconfigured',
  'timeout',
  'left-out',
  'busy',
  'failed',
  'budget',
  'identifiers',
] satisfies readonly Outcome[];

export function useOutcomeWords(): (outcome: string) => string {
  const t = useText();
  return (outcome) => (KNOWN.includes(outcome) ? t(`provider-outcome.${outcome as Outcome}`) : outcome);
}
