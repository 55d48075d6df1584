/** What a Task says of the stages of its run. */
import type { Extension, Task } from '@medplum/fhirtypes';
import { STAGE_RUN_EXTENSION } from '../../sdk/index.ts';

export interface ReadRun {
  readonly stage: string | undefined;
  readonly asked: readonly {
    readonly provider: string | undefined;
    readonly outcome: string | undefined;
    readonly ms?: number;
    readonly cost?: string;
  }[];
}

const part = ({ extension }: Extension, url: string): Extension | undefined =>
  extension?.find((e) => e.url === url);

export const stageRunsOf = (task: Task | undefined): ReadRun[] =>
  (task?.extension ?? [])
    .filter(({ url }) => url === STAGE_RUN_EXTENSION)
    .map((run) => ({
      stage: part(run, 'stage')?.valueCode,
      asked: (run.extension ?? []).filter(({ url }) => url === 'asked').map(askedOf),
    }));

function askedOf(asked: Extension): ReadRun['asked'][number] {
  const { value: ms } = part(asked, 'duration')?.valueDuration ?? {};
  const cost = part(asked, 'cost')?.valueMoney;
  return {
    provider: part(asked, 'provider')?.valueString,
    outcome: part(asked, 'outcome')?.valueCode,
    ...(ms === undefined ? {} : { ms }),
    ...(cost === undefined ? {} : { cost: `${cost.value ?? ''} ${cost.currency ?? ''}` }),
  };
}
