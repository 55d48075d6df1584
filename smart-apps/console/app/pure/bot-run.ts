/** A run of a bot, read from its Task: how long it took, and what its stages did (ai-bots/docs/orchestration.md). */
import type { Extension, Task } from '@medplum/fhirtypes';

const ROOT = 'https://dr-assistant.example/fhir';
const STAGE_RUN = `${ROOT}/StructureDefinition/stage-run`;

/** What woke a bot: a resource, or a moment of its timetable. */
export const WOKEN_BY = ['task', 'tick'] as const;
export type WokenBy = (typeof WOKEN_BY)[number];

export const RUN_STATUSES = ['completed', 'in-progress', 'on-hold', 'failed'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export interface BotRun {
  readonly id: string;
  readonly bot: string;
  readonly status: string;
  /** In words, as the bot wrote it. */
  readonly state: string;
  /** Instant of its last change. */
  readonly at: string;
  /** From the beginning of the work to its end; undefined while it goes on, and in Tasks of older versions. */
  readonly tookMs?: number;
  readonly stages: readonly StageRun[];
}

export interface StageRun {
  readonly stage: string;
  readonly asked: readonly Asked[];
}

export interface Asked {
  readonly provider: string;
  readonly outcome: string;
  readonly ms?: number;
  readonly cost?: Cost;
}

export interface Cost {
  readonly amount: number;
  readonly currency: string;
}

/** The values of `Task?identifier=` that find the runs of these bots. */
export const identifiersOf = (bots: readonly string[], by: readonly WokenBy[]): string =>
  bots.flatMap((bot) => by.map((kind) => `${ROOT}/NamingSystem/${bot}-${kind}|`)).join(',');

export function botRunOf(task: Task): BotRun {
  const { id = '', status, businessStatus, statusReason, executionPeriod, meta, extension = [] } = task;
  const systems = (task.identifier ?? []).map(({ system = '' }) => system);
  const [bot = ''] = systems.flatMap(
    (system) => /\/NamingSystem\/(.+)-(?:task|tick)$/.exec(system)?.[1] ?? [],
  );
  const tookMs = Date.parse(executionPeriod?.end ?? '') - Date.parse(executionPeriod?.start ?? '');
  const isOver = status !== 'in-progress';
  return {
    id,
    bot,
    status: status ?? '',
    state: [statusReason?.text, businessStatus?.text].filter(Boolean).join(' · '),
    at: task.lastModified ?? meta?.lastUpdated ?? '',
    ...(isOver && tookMs >= 0 ? { tookMs } : {}),
    stages: extension.filter(({ url }) => url === STAGE_RUN).map(stageOf),
  };
}

const partOf = ({ extension }: Extension, url: string): Extension | undefined =>
  extension?.find((part) => part.url === url);

const stageOf = (run: Extension): StageRun => ({
  stage: partOf(run, 'stage')?.valueCode ?? '',
  asked: (run.extension ?? []).filter(({ url }) => url === 'asked').map(askedOf),
});

function askedOf(asked: Extension): Asked {
  const { value: ms } = partOf(asked, 'duration')?.valueDuration ?? {};
  const { value: amount, currency = '' } = partOf(asked, 'cost')?.valueMoney ?? {};
  return {
    provider: partOf(asked, 'provider')?.valueString ?? '',
    outcome: partOf(asked, 'outcome')?.valueCode ?? '',
    ...(ms === undefined ? {} : { ms }),
    // Whoever may write Tasks may write others, which Intl would not take.
    ...(amount === undefined || !/^[A-Z]{3}$/.test(currency) ? {} : { cost: { amount, currency } }),
  };
}

/** The sum in each currency. */
export function sumOf(costs: readonly (Cost | undefined)[]): Cost[] {
  const sums = new Map<string, number>();
  for (const cost of costs)
    if (cost !== undefined) sums.set(cost.currency, (sums.get(cost.currency) ?? 0) + cost.amount);
  return [...sums].map(([currency, amount]) => ({ amount, currency }));
}

export const costOf = ({ stages }: BotRun): Cost[] =>
  sumOf(stages.flatMap(({ asked }) => asked.map(({ cost }) => cost)));
