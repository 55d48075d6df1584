/** How the providers of AI did in some runs: at each stage how often they answered, how fast, for how much, and what went wrong last. */
import { sumOf, type Asked, type BotRun, type Cost } from './bot-run.ts';

export interface ProviderHealth {
  readonly provider: string;
  readonly stage: string;
  /** How often it was its turn; inputs that it does not take are none of these. */
  readonly asked: number;
  readonly answered: number;
  /** Of the answers that it gave, not of those that were kept. */
  readonly medianMs?: number;
  readonly lastFailure?: { readonly outcome: string; readonly at: string };
  readonly cost: readonly Cost[];
}

interface Turn extends Asked {
  readonly stage: string;
  readonly at: string;
}

const isAnswer = ({ outcome }: Asked): boolean => outcome === 'answered' || outcome === 'cached';

/** By provider and stage. @param runs in whatever order */
export function providerHealth(runs: readonly BotRun[]): ProviderHealth[] {
  const turns = runs.flatMap(({ at, stages }) =>
    stages.flatMap(({ stage, asked }) =>
      asked.filter(({ outcome }) => outcome !== 'refused').map((one): Turn => ({ ...one, stage, at })),
    ),
  );
  const groups = Map.groupBy(turns, ({ provider, stage }) => JSON.stringify([provider, stage]));
  return [...groups.values()]
    .map(healthOf)
    .toSorted((a, b) => a.provider.localeCompare(b.provider) || a.stage.localeCompare(b.stage));
}

function healthOf(turns: readonly Turn[]): ProviderHealth {
  const { provider, stage } = turns[0]!;
  const medianMs = medianOf(
    turns.filter(({ outcome }) => outcome === 'answered').flatMap(({ ms }) => ms ?? []),
  );
  const failure = turns
    .filter((turn) => !isAnswer(turn))
    .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))[0];
  return {
    provider,
    stage,
    asked: turns.length,
    answered: turns.filter(isAnswer).length,
    ...(medianMs === undefined ? {} : { medianMs }),
    ...(failure === undefined ? {} : { lastFailure: { outcome: failure.outcome, at: failure.at } }),
    cost: sumOf(turns.map(({ cost }) => cost)),
  };
}

function medianOf(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1
    ? sorted[Math.floor(middle)]
    : sorted.length === 0
      ? undefined
      : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
