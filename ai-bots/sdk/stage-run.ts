/** What the stages of AI did, as extensions of the Task of a run. For operators: names, kinds, times and costs, and no texts. */
import type { Extension, Money, Task } from '@medplum/fhirtypes';
import type { Asked, StageRun } from '../orchestrator/index.ts';

export const STAGE_RUN_EXTENSION = 'https://dr-assistant.example/fhir/StructureDefinition/stage-run';

/** A moment of a timetable may summarise many charts: the last ones are kept. */
const RUNS_MAX = 100;

/** The Task with these runs, and none of earlier work. */
export function withStageRuns(task: Task, runs: readonly StageRun[]): Task {
  const { extension: before = [], ...kept } = task;
  const others = before.filter(({ url }) => url !== STAGE_RUN_EXTENSION);
  const extension = [...others, ...runs.slice(-RUNS_MAX).map(extensionOf)];
  return { ...kept, ...(extension.length === 0 ? {} : { extension }) };
}

const extensionOf = ({ stage, asked }: StageRun): Extension => ({
  url: STAGE_RUN_EXTENSION,
  extension: [{ url: 'stage', valueCode: stage }, ...asked.map(askedExtension)],
});

const askedExtension = ({ provider, outcome, durationMs, cost }: Asked): Extension => ({
  url: 'asked',
  extension: [
    { url: 'provider', valueString: provider },
    { url: 'outcome', valueCode: outcome },
    ...(durationMs === undefined ? [] : [{ url: 'duration', valueDuration: milliseconds(durationMs) }]),
    ...(cost === undefined ? [] : [{ url: 'cost', valueMoney: moneyOf(cost) }]),
  ],
});

/** The type lists the currencies of one day; the price table was checked against those of today. */
const moneyOf = ({ amount, currency }: NonNullable<Asked['cost']>): Money =>
  ({ value: amount, currency }) as Money;

const milliseconds = (value: number) => ({
  value,
  unit: 'ms',
  system: 'http://unitsofmeasure.org',
  code: 'ms',
});
